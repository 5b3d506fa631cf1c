using System.Net;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>Services, whose slices the cluster's own controller writes.</summary>
public sealed class ServiceTests
{
    private const string Web = "http://web/who";

    [Fact]
    public async Task A_client_follows_a_Service_that_is_scaled()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        await ns.ServiceAsync("web");
        await ns.ApplyAsync(Workload.Deployment("web", 2));
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.OnlyAsync(Web, await PodsAsync(ns, 2));
        await ns.KubectlAsync("scale", "deployment", "web", "--replicas=4");
        await mesh.OnlyAsync(Web, await PodsAsync(ns, 4));
        await ns.KubectlAsync("scale", "deployment", "web", "--replicas=1");
        await mesh.OnlyAsync(Web, await PodsAsync(ns, 1));

        // The port that is named web2 at the pods, by HTTP/2.
        Dictionary<string, int> answers = await mesh.AskAsync("http://web:81/who", 5, request =>
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        });
        Assert.Equal(await PodsAsync(ns, 1), answers.Keys);
    }

    [Fact]
    public async Task Pods_are_called_while_they_are_ready_and_while_they_terminate_if_no_other_is_left()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        await ns.ServiceAsync("web");
        await ns.ApplyAsync(Workload.Pod("web-0", "web"));
        await ns.ApplyAsync(Workload.Pod("web-1", "web"));
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.OnlyAsync(Web, "web-0", "web-1");
        await ns.KubectlAsync("annotate", "pod", "web-1", "interop/not-ready=");
        TimeSpan notReady = await mesh.OnlyAsync(Web, "web-0");
        await ns.KubectlAsync("annotate", "pod", "web-1", "interop/not-ready-");
        TimeSpan ready = await mesh.OnlyAsync(Web, "web-0", "web-1");
        await ns.KubectlAsync("annotate", "pod", "--all", "interop/lingers=");
        await ns.KubectlAsync("delete", "pod", "web-0", "--wait=false");
        TimeSpan terminating = await mesh.OnlyAsync(Web, "web-1");

        // The last one: better than none.
        await ns.KubectlAsync("delete", "pod", "web-1", "--wait=false");
        await mesh.OnlyAsync(Web, "web-0", "web-1");
        await ns.KubectlAsync("annotate", "pod", "web-0", "interop/lingers-");
        await mesh.OnlyAsync(Web, "web-1");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seen after kubectl had ended: not ready {notReady.TotalMilliseconds:0} ms, ready again {ready.TotalMilliseconds:0} ms, "
            + $"terminating {terminating.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task A_headless_Service_has_its_pods_names_and_an_ExternalName_leads_elsewhere()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        await ns.ServiceAsync("web", "clusterIP: None");
        await ns.ApplyAsync(Workload.Pod("web-0", "web", "hostname: web-0\n  subdomain: web"));
        await ns.ApplyAsync(Workload.Pod("web-1", "web", "hostname: web-1\n  subdomain: web"));
        await ns.ApplyAsync("""
            apiVersion: v1
            kind: Service
            metadata: { name: outside }
            spec: { type: ExternalName, externalName: localhost, ports: [ { port: 80, targetPort: 80 } ] }
            """);
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.OnlyAsync(Web, "web-0", "web-1");
        await mesh.OnlyAsync($"http://web-1.web.{ns.Name}.svc.cluster.local/who", "web-1");
        await mesh.OnlyAsync($"http://web-0.web.{ns.Name}.svc.cluster.local/who", "web-0");

        // Nobody listens there: what counts is where the call went.
        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => mesh.AskAsync("http://outside/", 1));
        Assert.Contains("localhost", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Annotations_of_a_Service_take_effect_at_once()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        await ns.ServiceAsync("web");
        await ns.ApplyAsync(Workload.Deployment("web", 4));
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.OnlyAsync(Web, await PodsAsync(ns, 4));
        Assert.True((await UserAsync("ada")).Count > 1);

        await ns.KubectlAsync("annotate", "service", "web", "mesh.client/hash-on=header:x-user", "mesh.client/load-balancing=Maglev");
        await FunctionalTests.Hosting.Eventually.TrueAsync(async () => (await UserAsync("ada")).Count == 1);
        Dictionary<string, int>[] users = await Task.WhenAll(Enumerable.Range(0, 20).Select(user => UserAsync($"user-{user}")));
        Assert.All(users, answers => Assert.Single(answers));
        Assert.True(users.Select(answers => answers.Keys.Single()).Distinct().Count() > 1);
        await ns.KubectlAsync("annotate", "service", "web", "mesh.client/hash-on-", "mesh.client/load-balancing-");
        await FunctionalTests.Hosting.Eventually.TrueAsync(async () => (await UserAsync("ada")).Count > 1);

        Task<Dictionary<string, int>> UserAsync(string user) => mesh.AskAsync(Web, 20, request => request.Headers.Add("x-user", user));
    }

    // Those that stay, once there are so many.
    private static async Task<string[]> PodsAsync(TestNamespace ns, int count)
    {
        string[] names = [];
        await FunctionalTests.Hosting.Eventually.TrueAsync(async () =>
        {
            names = [.. (await ns.GetAsync("pods")).GetProperty("items").EnumerateArray()
                .Where(pod => !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _))
                .Select(pod => pod.GetProperty("metadata").GetProperty("name").GetString()!)];
            return names.Length == count;
        });
        return names;
    }
}
