using Mesh.Client.AspNetCore;
using Mesh.Client.KubernetesTests.Faults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>What the injector gives to pods is what the authority expects of them.</summary>
public sealed class InjectedTests
{
    [Fact]
    public async Task What_the_authority_is_told_holds_for_the_injector()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, null, ("Authority:Kubernetes:Audience", "shop"), ("Authority:Kubernetes:TrustBundle", "anchors"));
        MeshInjectorOptions injector = replica.Services.GetRequiredService<IOptions<MeshInjectorOptions>>().Value;
        Assert.Equal(("shop", "anchors"), (injector.TokenAudience, injector.TrustBundleConfigMap));
    }

    [Fact]
    public async Task A_difference_stops_the_start_and_names_both_settings()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => Replica.StartAsync(
            api.Configuration, null, ("Authority:Kubernetes:Audience", "shop"), ("Injector:TokenAudience", "other")));
        Assert.Contains("Mesh:Injector:TokenAudience", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Authority:Kubernetes:Audience", refused.Message, StringComparison.Ordinal);
    }
}
