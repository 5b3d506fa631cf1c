using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.KubernetesTests.Faults;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class OwnIdentityTests
{
    private const string Name = "mesh-control-plane.mesh.serviceaccount.identity.mesh.cluster.local";

    [Fact]
    public async Task The_control_plane_has_a_certificate_of_its_own_once_there_is_an_issuer()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await api.StopAsync();
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, null, ("Identity:Source", "ControlPlane"), ("Identity:Name", Name));
        CredentialStore store = replica.Services.GetRequiredService<CredentialStore>();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await replica.DownloadAsync()).StatusCode);

        await api.StartAgainAsync();

        await Eventually.TrueAsync(() => store.Current.Credential is not null);
        Assert.Equal(Name, Assert.Single(store.Current.Credential!.Identities).Name);
        await api.HasAnchorsAsync("mesh");
        await Eventually.TrueAsync(async () =>
            await (await replica.DownloadAsync()).Content.ReadAsStringAsync(TestContext.Current.CancellationToken) == api.Anchors("mesh"));
        Assert.Equal(1, store.Current.TrustBundle!.Count);
    }

    [Fact]
    public async Task It_trusts_the_anchors_that_are_published()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        TestIssuer old = TestIssuer.Root("old root"), next = TestIssuer.Root("next root");
        api.Set(Kubernetes.AspNetCore.ClusterObjects.Secrets, TestIssuer.Secret(old, old.Issuer("old")));
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, null, ("Identity:Source", "ControlPlane"), ("Identity:Name", Name));
        CredentialStore store = replica.Services.GetRequiredService<CredentialStore>();
        await Eventually.TrueAsync(() => store.Current.Credential is not null);
        await api.HasAnchorsAsync("mesh");

        api.Set(Kubernetes.AspNetCore.ClusterObjects.Secrets, TestIssuer.Secret(next, next.Issuer("next")));

        await Eventually.TrueAsync(() => store.Current.TrustBundle!.Count == 2);
    }
}
