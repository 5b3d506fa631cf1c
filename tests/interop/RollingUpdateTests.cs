using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;
using Mesh.Client.KubernetesTests.RollingUpdate;

namespace Mesh.Client.InteropTests;

/// <summary>A Deployment of 10 pods, rolled by the cluster's controllers under load.</summary>
public sealed class RollingUpdateTests
{
    private const int Replicas = 10;
    private const int Callers = 8;

    [Fact]
    public async Task A_rolling_update_loses_no_call_and_repeats_none()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        await ns.ServiceAsync("web");
        await ns.ApplyAsync(Workload.Deployment("web", Replicas));
        await ns.KubectlAsync("rollout", "status", "deployment/web", "--timeout=120s");
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.ReadyAsync("http://web/who");
        await mesh.ReadyAsync("http://web:81/who", HttpVersion.Version20);
        var load = new CallLoad(mesh.Client, new Uri("http://web"), new Uri("http://web:81"));
        load.Start(Callers);
        await MoreAsync();
        long started = TimeProvider.System.GetTimestamp();
        await ns.KubectlAsync("set", "image", "deployment/web", "server=other");
        await ns.KubectlAsync("rollout", "status", "deployment/web", "--timeout=180s");
        await Eventually.TrueAsync(() => kubelet.Terminated == Replicas);
        TimeSpan took = TimeProvider.System.GetElapsedTime(started);
        await MoreAsync();
        await load.EndAsync();

        Dictionary<string, int> executed = kubelet.Executed();
        string summary = $"{Replicas} pods rolled in {took.TotalSeconds:0} s; {load.Calls} calls of which {load.Failed.Length} failed and "
            + $"{load.Repeated} took another attempt; {load.Posts.Length} POSTs, {executed.Count} ids executed, "
            + $"{executed.Count(id => id.Value > 1)} more than once";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Assert.True(load.Failed.Length == 0, $"{summary}:\n{string.Join("\n", load.Failed.Take(5))}");
        Assert.DoesNotContain(executed, id => id.Value > 1);
        Assert.Equal(load.Posts.Order(StringComparer.Ordinal), executed.Keys.Order(StringComparer.Ordinal));

        Task MoreAsync()
        {
            int before = load.Calls;
            return Eventually.TrueAsync(() => load.Calls > before + (10 * Callers));
        }
    }
}
