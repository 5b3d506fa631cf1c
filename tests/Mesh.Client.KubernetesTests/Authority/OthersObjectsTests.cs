using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>What other people, other controllers and other control planes have made under our names.</summary>
public sealed class OthersObjectsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("blue/mesh-control-plane")]
    [InlineData("mesh-control-plane")]
    public async Task A_ConfigMap_without_our_mark_is_left_alone(string? maker)
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        api.Map("shop", "theirs", maker);
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await Eventually.TrueAsync(() => replica.Logs.Any(record => record.Id.Name == "TrustBundleForeign"));

        await replica.PassAsync();

        Assert.Equal("theirs", api.Anchors("shop"));
    }

    [Fact]
    public async Task Two_control_planes_do_not_fight_over_a_namespace()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        ShiftedClock clock = new();
        await using Replica one = await Replica.StartAsync(api.Configuration, clock);
        await api.HasAnchorsAsync("shop");
        string first = api.Anchors("shop")!;
        await using Replica other = await Replica.StartAsync(api.Configuration, clock, ("Authority:Kubernetes:Namespace", "blue"));
        await api.HasAnchorsAsync("blue");

        for (int i = 0; i < 3; i++)
        {
            clock.Forward(TimeSpan.FromMinutes(2));
            await Task.WhenAll(one.PassAsync(), other.PassAsync());
            Assert.Equal(first, api.Anchors("shop"));
        }

        Assert.NotEqual(first, api.Anchors("blue"));
        Assert.Contains(other.Logs, record => record.Id.Name == "TrustBundleForeign");
    }

    [Fact]
    public async Task What_somebody_makes_before_the_watch_tells_of_it_is_not_written_over()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        int tries = 0;
        api.OnCall = call =>
        {
            if (call is { Verb: "patch", Plural: "configmaps", Namespace: "shop" } && Interlocked.Increment(ref tries) == 1)
            {
                api.Map("shop", "theirs");
            }

            return null;
        };
        await using Replica replica = await Replica.StartAsync(api.Configuration);

        await Eventually.TrueAsync(() => Volatile.Read(ref tries) > 0);
        await replica.PassAsync();

        Assert.Equal("theirs", api.Anchors("shop"));
    }

    [Fact]
    public async Task Where_the_own_ConfigMap_is_not_ours_nothing_is_published_and_it_is_told()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        api.Map("mesh", "theirs");
        api.Set(ClusterObjects.Webhooks, AuthorityCluster.Webhook(bundle: null));
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        await replica.PassAsync();

        Assert.Equal("theirs", api.Anchors("mesh"));
        Assert.Null(api.Anchors("shop"));
        Assert.All(Bundles(api), Assert.Null);
        Assert.Contains("ConfigMap mesh/mesh-trust-bundle", replica.Authority.State.Problem, StringComparison.Ordinal);

        api.Delete(ClusterObjects.ConfigMaps, "mesh", AuthorityCluster.TrustBundle);
        await api.HasAnchorsAsync("shop");
        await Eventually.TrueAsync(() => replica.Authority.State.Problem is null);
    }

    [Theory]
    [InlineData("Injector:CertificateFile", null, "mesh")]
    [InlineData(null, "cert-manager.io/inject-ca-from", "mesh")]
    [InlineData(null, "cert-manager.io/inject-ca-from-secret", "mesh")]
    [InlineData(null, null, "blue")]
    public async Task A_webhook_that_somebody_else_serves_keeps_its_caBundle(string? setting, string? annotation, string ns)
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        byte[] theirs = "theirs"u8.ToArray();
        api.Set(ClusterObjects.Webhooks, AuthorityCluster.Webhook(theirs, ns, annotation));
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, null, setting is null ? ("Authority:Kubernetes:MakeIssuer", "true") : (setting, "/tls/tls.crt"));
        await api.HasAnchorsAsync("mesh");

        await replica.PassAsync();
        await replica.PassAsync();

        Assert.All(Bundles(api), bundle => Assert.Equal(theirs, bundle));
        Assert.Single(replica.Logs, record => record.Id.Name is "WebhookLeftAlone");
    }

    private static byte[]?[] Bundles(FaultServer api) =>
        [.. api.Store.Get(ClusterObjects.Webhooks, "", "mesh-injector")!.Webhooks.Select(webhook => webhook.ClientConfig.CaBundle)];
}
