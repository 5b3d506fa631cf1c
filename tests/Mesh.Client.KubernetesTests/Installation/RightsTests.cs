using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.KubernetesTests.Authority;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Installation;

/// <summary>
/// What the control plane asks of an API server, beside what its roles allow: all of it, and nothing that it does not ask.
/// </summary>
public sealed class RightsTests
{
    [Fact]
    public async Task The_control_plane_may_do_what_it_does_and_does_all_that_it_may()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        api.Set(ClusterObjects.Webhooks, new V1MutatingWebhookConfiguration
        {
            Metadata = new V1ObjectMeta { Name = "mesh-injector" },
            Webhooks = [.. ManifestFiles.Of<V1MutatingWebhookConfiguration>().Single().Webhooks],
        });
        api.Set(ResourceTypes.Services, Given.Service());
        var clock = new ShiftedClock();
        string own = ServiceAccountIdentity.Fill("mesh", "mesh-control-plane")!.Name;
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, clock, ("Identity:Source", "ControlPlane"), ("Identity:Name", own));
        await replica.LoadedAsync();
        await replica.CertifyAsync();
        await api.HasAnchorsAsync("shop");

        await using MeshHost client = await MeshHost.StartAsync(
            [("ControlPlane:Address", $"{replica.Address}"), ("ControlPlane:Policies", "true")]);
        await using MeshHost plain = await MeshHost.StartAsync([("ControlPlane:Address", $"{replica.Address}")]);
        Task[] calls = [Ask(client, "catalog.shop"), Ask(plain, "catalog.shop.svc.clusterset.local")];

        // The issuer at half of its life.
        clock.Forward(TimeSpan.FromDays(3.6));
        replica.Poke();
        await Eventually.TrueAsync(() => Rights.Unused(api).Length == 0);
        await Task.WhenAll(calls);

        Assert.Equal([], Rights.Exceeded(api));
    }

    private static async Task Ask(MeshHost client, string service)
    {
        try
        {
            using HttpResponseMessage response = await client.Client().GetAsync(
                $"http://{service}/", TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            // Nobody is there.
        }
    }
}
