using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Cluster;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>The control plane's replicas come and go, with calls going on.</summary>
[Collection(nameof(ShopCluster))]
public sealed class ReplicaTests(ShopCluster cluster)
{
    private const int Users = 6;

    private static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(5);
    private static readonly string[] Deployment = ["-n", "mesh", "rollout", "status", "deployment/mesh-control-plane", "--timeout=90s"];

    [Fact]
    public async Task A_replica_that_is_killed_under_load_costs_no_call_and_its_streams_move()
    {
        ShopLoad load = await StartAsync();
        RunningPod[] replicas = [.. cluster.Replicas];
        Dictionary<string, string[]> clients = await cluster.ClientsAsync();
        RunningPod killed = replicas.MaxBy(replica => clients[replica.Name].Length)!;
        RunningPod survivor = replicas.Single(replica => replica != killed);
        killed.Process!.Kill();
        long started = TimeProvider.System.GetTimestamp();
        string[] lost = [.. clients[killed.Name].Distinct()];
        string[] seen = [];
        try
        {
            await Eventually.TrueAsync(async () => lost.Except(seen = await ShopCluster.ClientsAsync(survivor)).Any() is false);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Lost: {string.Join(' ', lost)}; at the other: {string.Join(' ', seen)}.");
        }

        TimeSpan moved = TimeProvider.System.GetElapsedTime(started);
        await Eventually.TrueAsync(() => cluster.Replicas.Count() == 2 && cluster.Replicas.All(replica => replica != killed));
        TimeSpan replaced = TimeProvider.System.GetElapsedTime(started);
        await MoreAsync(load);
        await EndAsync(load, $"{killed.Name} with the streams of {lost.Length} of {ShopCluster.Clients} clients killed: "
            + $"all are open at {survivor.Name} after {Text(moved)}, another replica is ready after {Text(replaced)}");
        Assert.True(moved < MoveLimit, $"The streams moved within {Text(moved)}.");
    }

    [Fact]
    public async Task A_rolling_update_of_the_control_plane_costs_no_call()
    {
        ShopLoad load = await StartAsync();
        string[] old = [.. cluster.Replicas.Select(replica => replica.Name)];
        long started = TimeProvider.System.GetTimestamp();
        await Transcript.KubectlAsync("-n", "mesh", "rollout", "restart", "deployment/mesh-control-plane");
        await Transcript.KubectlAsync(Deployment);
        await Eventually.TrueAsync(() => cluster.Node.Pods.All(pod => !old.Contains(pod.Name)));
        TimeSpan took = TimeProvider.System.GetElapsedTime(started);
        await cluster.AllConnectedAsync();
        await MoreAsync(load);
        await EndAsync(load, $"both replicas replaced in {Text(took)}");
    }

    [Fact]
    public async Task A_replica_that_starts_while_the_API_server_is_away_is_ready_when_it_is_back()
    {
        ShopLoad load = await StartAsync();
        RunningPod old = cluster.Replicas.First();
        RunningPod other = cluster.Replicas.Last();
        await cluster.Node.Network.CutAsync();
        string ready;
        RunningPod? replica = null;
        try
        {
            await Command.RunAsync(Setting.Kubectl, ["-n", "mesh", "delete", "pod", old.Name, "--wait=false"]);
            await Eventually.TrueAsync(async () => (replica = cluster.Node.Pods.FirstOrDefault(pod =>
                pod.Namespace == "mesh" && pod != old && pod != other)) is { Process: not null } && await IsAliveAsync(replica));
            ready = await Transcript.CurlAsync(replica!, false, "/ready", "-w", " %{http_code}");
            await MoreAsync(load);
            Assert.EndsWith("503", ready, StringComparison.Ordinal);
            Assert.False(replica!.IsReady);
            Assert.True(other.IsReady);
        }
        finally
        {
            await cluster.Node.Network.JoinAsync();
        }

        long back = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => replica.IsReady);
        TimeSpan took = TimeProvider.System.GetElapsedTime(back);
        await MoreAsync(load);
        await EndAsync(load, $"started without an API server: alive, not ready ({ready}); back, ready after {Text(took)}");
    }

    private static async Task<bool> IsAliveAsync(RunningPod pod)
    {
        try
        {
            return await pod.Process!.RunInsideAsync("curl", "-sS", "--max-time", "2", "http://127.0.0.1:8080/live") == "alive\n";
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    private static Task MoreAsync(ShopLoad load)
    {
        int before = load.Calls;
        return Eventually.TrueAsync(() => load.Calls > before + (10 * Users));
    }

    private static async Task EndAsync(ShopLoad load, string what)
    {
        await load.EndAsync();
        string summary = $"{what}; {load.Calls} calls, {load.Failed.Length} failed";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Transcript.Write(summary);
        Assert.True(load.Failed.Length == 0, $"{summary}:\n{string.Join("\n", load.Failed.Take(5))}");
    }

    private async Task<ShopLoad> StartAsync()
    {
        Transcript.Title(TestContext.Current.TestMethod!.MethodName.Replace('_', ' '));
        await Command.RunAsync(Setting.Kubectl, Deployment);
        await Eventually.TrueAsync(() => cluster.Replicas.Count() == 2);
        await cluster.AllConnectedAsync();
        var load = new ShopLoad(cluster);
        load.Start(Users);
        await MoreAsync(load);
        return load;
    }
}
