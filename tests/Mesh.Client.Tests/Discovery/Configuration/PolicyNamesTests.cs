using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Discovery.Configuration;

public sealed class PolicyNamesTests
{
    private const string Nearest = """{ "Mesh": { "Defaults": { "LoadBalancing": { "Policy": "nearest" } } } }""";

    [Theory]
    [InlineData(nameof(LoadBalancingPolicyName.PeakEwma))]
    [InlineData(nameof(LoadBalancingPolicyName.RoundRobin))]
    [InlineData(nameof(LoadBalancingPolicyName.Maglev))]
    [InlineData(nameof(LoadBalancingPolicyName.RingHash))]
    [InlineData(nameof(LoadBalancingPolicyName.Random))]
    [InlineData(nameof(LoadBalancingPolicyName.LeastRequest))]
    public void AlgorithmOf_BuiltIn_InAnyCase(string name)
    {
        Assert.Equal(name, PolicyNames.AlgorithmOf(name.ToUpperInvariant()).ToString());
        Assert.Null(PolicyNames.None.Problem(name));
    }

    [Fact]
    public void Of_NameOfABalancer_IsKept()
    {
        using ServiceProvider services = Client().AddLoadBalancer("Nearest", _ => null!).Services.BuildServiceProvider();

        LoadBalancingPolicy policy = ServicePolicies.Of(
            services.GetRequiredService<MeshConfiguration>().Names, new ServiceName("catalog", 80), said: null).LoadBalancing;

        Assert.Equal((LoadBalancingAlgorithm.Custom, "nearest"), (policy.Algorithm, policy.CustomName));
        Assert.Equal(policy, policy with { CustomName = "Nearest" });
        Assert.NotEqual(policy, policy with { CustomName = "Farthest" });
        Assert.NotEqual(policy, LoadBalancingPolicy.Default);
    }

    [Fact]
    public void Client_WithoutTheBalancer_IsRefused()
    {
        using ServiceProvider services = Client().Services.BuildServiceProvider();

        OptionsValidationException error =
            Assert.Throws<OptionsValidationException>(services.GetRequiredService<MeshConfiguration>);
        Assert.StartsWith(
            "Mesh:Defaults:LoadBalancing:Policy: 'nearest' is unknown", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    /// <summary>It may share the configuration of clients, and has none of their balancers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ControlPlane_TakesAnyName_UnlessItIsAClientToo(bool isClient)
    {
        IServiceCollection controlPlane = new ServiceCollection().AddMeshControlPlane(TestMesh.Json(Nearest).GetSection("Mesh"));
        using ServiceProvider services = (isClient ? controlPlane.AddMeshClient(_ => { }).Services : controlPlane).BuildServiceProvider();

        Exception? error = Record.Exception(services.GetRequiredService<MeshConfiguration>);

        Assert.Equal(isClient, error is OptionsValidationException);
    }

    private static IMeshClientBuilder Client() => new ServiceCollection().AddMeshClient(TestMesh.Json(Nearest).GetSection("Mesh"));
}
