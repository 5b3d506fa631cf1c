using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authorization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.AspNetCore.Authorization;

public class ServerOptionsTests
{
    [Theory]
    [InlineData("all-unauthenticated", MeshInboundPolicy.AllUnauthenticated)]
    [InlineData("all-authenticated", MeshInboundPolicy.AllAuthenticated)]
    [InlineData("cluster-authenticated", MeshInboundPolicy.ClusterAuthenticated)]
    [InlineData("Deny", MeshInboundPolicy.Deny)]
    [InlineData("audit", MeshInboundPolicy.Audit)]
    public void Read_LinkerdsName_IsThePolicy(string name, MeshInboundPolicy policy)
    {
        MeshServerOptions options = Read(("InboundPolicy", name));

        Assert.Equal(policy, options.InboundPolicy);
        Assert.Equal(name.ToLowerInvariant(), InboundPolicyNames.Of(policy));
        Assert.True(Validate(options).Succeeded);
    }

    [Fact]
    public void Read_Nothing_IsEverybody() => Assert.Equal(MeshInboundPolicy.AllUnauthenticated, Read().InboundPolicy);

    [Fact]
    public void Read_KeysOfRegistration_AreLeft() =>
        Assert.True(Validate(Read(("Service", "catalog"), ("Instance", "catalog-1"), ("Zone", "a"))).Succeeded);

    [Fact]
    public void Validate_SeveralProblems_NamesAllWithTheirPaths()
    {
        string[] failures = [.. Validate(Read(("InboundPolicy", "AllAuthenticated"), ("InboundPolice", "deny"))).Failures!];

        Assert.Equal(2, failures.Length);
        Assert.Contains("Mesh:Server:InboundPolicy: 'AllAuthenticated' is unknown; choose", failures[0], StringComparison.Ordinal);
        Assert.Contains("Mesh:Server:InboundPolice: unknown key; did you mean InboundPolicy?", failures[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_ClusterUnauthenticated_SaysWhyNot() => Assert.Contains(
        "network ranges", Assert.Single(Validate(Read(("InboundPolicy", "cluster-unauthenticated"))).Failures!), StringComparison.Ordinal);

    [Fact]
    public void Validate_UndefinedValueInCode_IsRefused() =>
        Assert.True(Validate(new MeshServerOptions { InboundPolicy = (MeshInboundPolicy)9 }).Failed);

    private static ValidateOptionsResult Validate(MeshServerOptions options) => new ServerOptionsValidator().Validate(null, options);

    private static MeshServerOptions Read(params (string Key, string Value)[] settings)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"Mesh:Server:{s.Key}", (string?)s.Value)))
            .Build();
        var options = new MeshServerOptions();
        new ServerConfigureOptions(configuration.GetSection("Mesh:Server")).Configure(options);
        return options;
    }
}
