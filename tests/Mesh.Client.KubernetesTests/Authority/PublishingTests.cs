using System.Text;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class PublishingTests
{
    // Writes are spaced up to a minute.
    private static readonly TimeSpan PastThePace = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Namespaces_that_are_labelled_or_have_pods_that_are_have_the_anchors()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        api.Label("off", "disabled");
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await api.HasAnchorsAsync("shop");

        api.Label("later");
        api.Pod("pods");
        api.Pod("refusing", "disabled");
        await api.HasAnchorsAsync("later");
        await api.HasAnchorsAsync("pods");
        await replica.PassAsync();

        Assert.All(["mesh", "shop", "later", "pods"], ns => Assert.Equal(replica.Authority.TrustBundlePem, api.Anchors(ns)));
        Assert.All(["off", "refusing"], ns => Assert.Null(api.Anchors(ns)));
    }

    [Fact]
    public async Task What_somebody_changed_or_deleted_is_made_good_and_then_left_alone()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        ShiftedClock clock = new();
        await using Replica replica = await Replica.StartAsync(api.Configuration, clock);
        await api.HasAnchorsAsync("shop");
        string good = api.Anchors("shop")!;

        foreach (string ns in new[] { "shop", "mesh" })
        {
            V1ConfigMap map = api.Store.Get(ClusterObjects.ConfigMaps, ns, AuthorityCluster.TrustBundle)!;
            map.Data["ca.crt"] = "changed";
            api.Set(ClusterObjects.ConfigMaps, map);
            await Eventually.TrueAsync(() => api.Anchors(ns) == good);
            clock.Forward(PastThePace);
            api.Delete(ClusterObjects.ConfigMaps, ns, AuthorityCluster.TrustBundle);
            await Eventually.TrueAsync(() => api.Anchors(ns) == good);
        }

        int writes = api.Writes("configmaps");
        for (int i = 0; i < 3; i++)
        {
            clock.Forward(PastThePace);
            await replica.PassAsync();
        }

        Assert.Equal(writes, api.Writes("configmaps"));
    }

    [Fact]
    public async Task A_namespace_that_may_not_be_written_to_is_named_and_keeps_no_other_from_its_anchors()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("a-denied");
        api.Label("gone");
        api.Label("shop");
        api.HasNamespace = ns => ns != "gone";
        api.OnCall = call => call is { Verb: "patch", Namespace: "a-denied" }
            ? new Fault(403, "forbidden: User \"mesh\" cannot patch")
            : null;
        await using Replica replica = await Replica.StartAsync(api.Configuration);

        await api.HasAnchorsAsync("shop");

        Assert.Contains(replica.Logs, record => record.Message.Contains(
            "RBAC does not give mesh the verb 'patch' on configmaps in namespace a-denied", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_replicas_do_not_write_against_each_other()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        ShiftedClock clock = new();
        await using Replica one = await Replica.StartAsync(api.Configuration, clock);
        await using Replica other = await Replica.StartAsync(api.Configuration, clock);
        await Task.WhenAll(one.LoadedAsync(), other.LoadedAsync(), api.HasAnchorsAsync("shop"));
        await Eventually.TrueAsync(() => other.Authority.TrustBundlePem == api.Anchors("shop"));

        int writes = api.Writes("configmaps");
        for (int i = 0; i < 3; i++)
        {
            clock.Forward(PastThePace);
            await Task.WhenAll(one.PassAsync(), other.PassAsync());
        }

        Assert.Equal(writes, api.Writes("configmaps"));
    }

    [Fact]
    public async Task The_webhook_is_told_the_anchors_and_nothing_else_of_it_changes()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await api.HasAnchorsAsync("mesh");
        byte[] anchors = Encoding.ASCII.GetBytes(api.Anchors("mesh")!);
        api.Set(ClusterObjects.Webhooks, AuthorityCluster.Webhook(bundle: null));
        await Eventually.TrueAsync(() => Told().All(bundle => bundle?.AsSpan().SequenceEqual(anchors) == true));

        api.Set(ClusterObjects.Webhooks, AuthorityCluster.Webhook("old"u8.ToArray()));
        await Eventually.TrueAsync(() => Told().All(bundle => bundle?.AsSpan().SequenceEqual(anchors) == true));

        V1MutatingWebhookConfiguration after = api.Store.Get(ClusterObjects.Webhooks, "", "mesh-injector")!;
        Assert.Equal(["one.mesh.client", "two.mesh.client"], after.Webhooks.Select(webhook => webhook.Name));
        Assert.All(after.Webhooks, webhook => Assert.Equal("mesh-control-plane", webhook.ClientConfig.Service.Name));
        Assert.All(after.Webhooks, webhook => Assert.Equal("Ignore", webhook.FailurePolicy));

        byte[]?[] Told() =>
            [.. api.Store.Get(ClusterObjects.Webhooks, "", "mesh-injector")!.Webhooks.Select(webhook => webhook.ClientConfig.CaBundle)];
    }
}
