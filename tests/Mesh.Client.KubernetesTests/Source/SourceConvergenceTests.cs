using System.Diagnostics;
using CsCheck;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.KubernetesTests.Watching;

namespace Mesh.Client.KubernetesTests.Source;

/// <summary>Whatever changes at the API server and in whichever order, the source says what its last objects say.</summary>
public sealed class SourceConvergenceTests(ITestOutputHelper output)
{
    private static readonly KubernetesSetup Setup =
        new() { Namespace = "web", ReadsPods = true, Linkerd = new LinkerdMesh("linkerd", "cluster.local"), Place = new ClientPlace("n1", "a") };

    private static readonly Gen<(ClusterChange Change, int Number)> Step = Gen.Select(
        Gen.Frequency(
            (10, Gen.Const(ClusterChange.Slice)), (4, Gen.Const(ClusterChange.NoSlice)), (8, Gen.Const(ClusterChange.Pod)),
            (3, Gen.Const(ClusterChange.NoPod)), (4, Gen.Const(ClusterChange.Service)), (1, Gen.Const(ClusterChange.NoService)),
            (4, Gen.Const(ClusterChange.Route)), (2, Gen.Const(ClusterChange.NoRoute)), (3, Gen.Const(ClusterChange.Backend)),
            (2, Gen.Const(ClusterChange.NoBackend)), (1, Gen.Const(ClusterChange.Settle))),
        Gen.Int[0, 9999]);

    [Fact]
    public async Task After_any_changes_the_state_is_the_fold_of_the_servers_objects() =>
        await Step.Array[3, LongRun.Count(30, 120)].SampleAsync(PlayAsync, iter: LongRun.Count(30, 500), threads: 1);

    [Fact]
    public async Task Five_thousand_endpoints_change_as_fast_as_they_can()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        var cluster = new ClusterModel(server);
        cluster.Put(Given.Service());
        for (int slice = 0; slice < 50; slice++)
        {
            cluster.Put(Large(slice, 0));
            for (int i = 0; i < 100; i++)
            {
                cluster.Put(Given.Pod($"p-{slice}-{i}", labels: [("linkerd.io/control-plane-ns", "linkerd")]));
            }
        }

        await using var reading = new Reading(server);
        await using var run = new WatchedService(reading, Setup);
        await run.UntilAsync(cluster.Fold(Setup));
        int states = run.States;
        var random = new Random(8);
        int changes = LongRun.Count(300, 10_000);
        long started = Stopwatch.GetTimestamp();
        for (int change = 1; change <= changes; change++)
        {
            cluster.Put(Large(random.Next(50), change));
            if (change % 3 == 0)
            {
                V1Pod same = Given.Pod($"p-{random.Next(50)}-{random.Next(100)}", labels: [("linkerd.io/control-plane-ns", "linkerd")]);
                same.Status = new V1PodStatus { Message = $"{change}" };
                cluster.Put(same);
            }
        }

        await run.UntilAsync(cluster.Fold(Setup));
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{changes} changes in {took.TotalMilliseconds / changes:0.00} ms each, {run.States - states} states");
        Measure(cluster);

        // What a pod's status says is nothing to anybody.
        states = run.States;
        V1Pod pod = Given.Pod("p-0-0", labels: [("linkerd.io/control-plane-ns", "linkerd")]);
        pod.Status = new V1PodStatus { Message = "again" };
        cluster.Put(pod);
        cluster.Put(Large(0, changes + 1));
        await run.UntilAsync(cluster.Fold(Setup));
        Assert.Equal(states + 1, run.States);
    }

    private void Measure(ClusterModel cluster)
    {
        ServiceView view = cluster.View(Setup);
        V1EndpointSlice[] slices = [.. view.Slices];
        (SliceCache cache, TransportCache transports) = (new(), new());
        const int Rounds = 100;
        (long started, long bytes) = (0, 0);
        V1EndpointSlice[] changed = [.. Enumerable.Range(0, Rounds + 20).Select(round => Large(round % 50, round))];
        for (int round = -20; round < Rounds; round++)
        {
            if (round == 0)
            {
                started = Stopwatch.GetTimestamp();
                bytes = GC.GetAllocatedBytesForCurrentThread();
            }

            slices[(round + 20) % 50] = changed[round + 20];
            ServiceEndpoints.Read(view with { Slices = [.. slices] }, cache, transports);
        }

        output.WriteLine(
            $"one of 50 slices anew: {Stopwatch.GetElapsedTime(started).TotalMicroseconds / Rounds:0} us, "
            + $"{(GC.GetAllocatedBytesForCurrentThread() - bytes) / Rounds / 1024} KiB");
    }

    private static V1EndpointSlice Large(int slice, int change) => Given.Slice(
        $"s-{slice}",
        [.. Enumerable.Range(0, 100).Select(i => Given.Endpoint($"10.{slice}.{i}.{change % 250}").At("a", $"n{i % 5}", $"p-{slice}-{i}"))]);

    private static async Task PlayAsync((ClusterChange Change, int Number)[] steps)
    {
        await using FaultServer server = await FaultServer.StartAsync();
        var cluster = new ClusterModel(server);
        cluster.Put(Given.Service());
        await using var reading = new Reading(server);
        await using var run = new WatchedService(reading, Setup);
        foreach ((ClusterChange change, int number) in steps)
        {
            if (change is ClusterChange.Settle)
            {
                await run.UntilAsync(cluster.Fold(Setup));
            }
            else
            {
                cluster.Play(change, number);
            }
        }

        await run.UntilAsync(cluster.Fold(Setup));
    }
}
