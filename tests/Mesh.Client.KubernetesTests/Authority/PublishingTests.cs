using System.Text;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class PublishingTests
{
    [Fact]
    public async Task Namespaces_that_are_labelled_or_injected_into_have_the_anchors()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        api.Label("off", "disabled");
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await api.HasAnchorsAsync("shop");

        api.Label("later");
        replica.Publisher.Publish("injected");
        await api.HasAnchorsAsync("later");
        await api.HasAnchorsAsync("injected");

        Assert.All(["mesh", "shop", "later", "injected"], ns => Assert.Equal(replica.Authority.TrustBundlePem, api.Anchors(ns)));
        Assert.Null(api.Anchors("off"));
    }

    [Fact]
    public async Task What_somebody_changed_or_deleted_is_made_good_and_then_left_alone()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await api.HasAnchorsAsync("shop");
        string good = api.Anchors("shop")!;

        foreach (string ns in new[] { "shop", "mesh" })
        {
            V1ConfigMap map = api.Store.Get(ClusterObjects.ConfigMaps, ns, AuthorityCluster.TrustBundle)!;
            map.Data["ca.crt"] = "changed";
            api.Set(ClusterObjects.ConfigMaps, map);
            await Eventually.TrueAsync(() => api.Anchors(ns) == good);
            api.Delete(ClusterObjects.ConfigMaps, ns, AuthorityCluster.TrustBundle);
            await Eventually.TrueAsync(() => api.Anchors(ns) == good);
        }

        int writes = api.Writes("configmaps");
        for (int i = 0; i < 5; i++)
        {
            replica.Poke();
            await replica.CertifyAsync();
        }

        Assert.Equal(writes, api.Writes("configmaps"));
    }

    [Fact]
    public async Task One_that_is_not_ours_is_left_alone()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        api.Set(ClusterObjects.ConfigMaps, new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = AuthorityCluster.TrustBundle, NamespaceProperty = "shop" },
            Data = new Dictionary<string, string> { ["ca.crt"] = "theirs" },
        });
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await Eventually.TrueAsync(() => replica.Logs.Any(record => record.Id.Name == "TrustBundleForeign"));

        Assert.Equal("theirs", api.Anchors("shop"));
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
        await using Replica one = await Replica.StartAsync(api.Configuration);
        await using Replica other = await Replica.StartAsync(api.Configuration);
        await Task.WhenAll(one.LoadedAsync(), other.LoadedAsync(), api.HasAnchorsAsync("shop"));
        await Eventually.TrueAsync(() => other.Authority.TrustBundlePem == api.Anchors("shop"));

        int writes = api.Writes("configmaps");
        for (int i = 0; i < 5; i++)
        {
            one.Poke();
            other.Poke();
            await one.CertifyAsync();
            await other.CertifyAsync();
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
        api.Set(ClusterObjects.Webhooks, Webhook(bundle: null));
        await Eventually.TrueAsync(() => Told().All(bundle => bundle?.AsSpan().SequenceEqual(anchors) == true));

        api.Set(ClusterObjects.Webhooks, Webhook("old"u8.ToArray()));
        await Eventually.TrueAsync(() => Told().All(bundle => bundle?.AsSpan().SequenceEqual(anchors) == true));

        V1MutatingWebhookConfiguration after = api.Store.Get(ClusterObjects.Webhooks, "", "mesh-injector")!;
        Assert.Equal(["one.mesh.client", "two.mesh.client"], after.Webhooks.Select(webhook => webhook.Name));
        Assert.All(after.Webhooks, webhook => Assert.Equal("mesh-control-plane", webhook.ClientConfig.Service.Name));
        Assert.All(after.Webhooks, webhook => Assert.Equal("Ignore", webhook.FailurePolicy));

        byte[]?[] Told() =>
            [.. api.Store.Get(ClusterObjects.Webhooks, "", "mesh-injector")!.Webhooks.Select(webhook => webhook.ClientConfig.CaBundle)];
    }

    private static V1MutatingWebhookConfiguration Webhook(byte[]? bundle) => new()
    {
        Metadata = new V1ObjectMeta { Name = "mesh-injector" },
        Webhooks = [.. new[] { "one.mesh.client", "two.mesh.client" }.Select(name => new V1MutatingWebhook
        {
            Name = name,
            FailurePolicy = "Ignore",
            SideEffects = "None",
            AdmissionReviewVersions = ["v1"],
            ClientConfig = new Admissionregistrationv1WebhookClientConfig
            {
                CaBundle = bundle,
                Service = new Admissionregistrationv1ServiceReference { Name = "mesh-control-plane", NamespaceProperty = "mesh" },
            },
        })],
    };
}
