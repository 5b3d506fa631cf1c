using System.Diagnostics;
using CsCheck;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class ConvergenceTests(ITestOutputHelper output)
{
    private static readonly string[] Services = ["catalog", "cart", "s2", "s3", "s4", "s5", "s6"];

    // A watch over HTTP/2 that has fallen silent is found as soon as one over HTTP/1.1: the clock moves a second for every 10 ms.
    private static readonly ApiTimeouts Timeouts = new()
    {
        Watch = (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(25)),
        Bookmarks = (TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(30)),
    };

    private enum Act
    {
        Set,
        Delete,
        Drop,
        End,
        Silence,
        Expire,
        Bookmark,
        Garbage,
        Gone,
        Fail,
        Busy,
        Deny,
        Unserve,
        Rewind,
        Restart,
        Lease,
        Release,
        Settle,
        Streamed,
    }

    private static readonly Gen<(Act Act, int Number)> Step = Gen.Select(
        Gen.Frequency(
            (40, Gen.Const(Act.Set)), (15, Gen.Const(Act.Delete)), (6, Gen.Const(Act.Drop)), (4, Gen.Const(Act.End)),
            (2, Gen.Const(Act.Silence)), (3, Gen.Const(Act.Expire)), (5, Gen.Const(Act.Bookmark)), (3, Gen.Const(Act.Garbage)),
            (2, Gen.Const(Act.Gone)), (3, Gen.Const(Act.Fail)), (1, Gen.Const(Act.Busy)), (1, Gen.Const(Act.Deny)),
            (1, Gen.Const(Act.Unserve)), (1, Gen.Const(Act.Rewind)), (1, Gen.Const(Act.Restart)), (6, Gen.Const(Act.Lease)),
            (4, Gen.Const(Act.Release)), (4, Gen.Const(Act.Settle)), (2, Gen.Const(Act.Streamed))),
        Gen.Int[0, 999]);

    [Fact]
    public async Task After_any_changes_and_faults_the_client_has_what_the_server_has() =>
        await Gen.Select(Gen.Bool, Step.Array[5, LongRun.Count(40, 150)]).SampleAsync(
            given => PlayAsync(given.Item1, given.Item2), iter: LongRun.Count(40, 1000), threads: LongRun.Count(1, 4));

    [Fact]
    public async Task Five_thousand_endpoints_in_fifty_slices_change_as_fast_as_they_can()
    {
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        for (int slice = 0; slice < 50; slice++)
        {
            server.Set(Reading.Slices, Large(slice, 0));
        }

        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        Assert.Equal(5000, lease.State.Items.Values.Sum(slice => slice.Endpoints.Count));
        int calls = server.Calls.Length;
        long bytes = server.Bytes;

        int changes = LongRun.Count(500, 20_000);
        long started = Stopwatch.GetTimestamp();
        var random = new Random(8);
        for (int change = 1; change <= changes; change++)
        {
            server.Set(Reading.Slices, Large(random.Next(50), change));
            Assert.Equal(50, lease.State.Items.Count);
        }

        await Reading.SameAsync(server, lease, "catalog");
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        Assert.Equal(calls, server.Calls.Length);
        output.WriteLine(
            $"list {bytes} bytes; {changes} changes in {took.TotalSeconds:0.0} s, {(server.Bytes - bytes) / changes} bytes each");
        Assert.True(changes / took.TotalSeconds > 100, $"{changes} changes took {took}");
    }

    private static V1EndpointSlice Large(int slice, int change)
    {
        V1EndpointSlice made = Reading.Slice($"catalog-{slice:00}");
        made.Endpoints =
        [
            .. Enumerable.Range(0, 100).Select(i => new V1Endpoint
            {
                Addresses = [$"10.{slice}.{i}.{change % 250}"],
                Conditions = new V1EndpointConditions { Ready = true, Serving = true, Terminating = false },
                NodeName = $"node-{i}",
                Zone = "a",
                TargetRef = new V1ObjectReference { Kind = "Pod", Name = $"catalog-{slice}-{i}", NamespaceProperty = "shop" },
            }),
        ];
        return made;
    }

    private static async Task PlayAsync(bool tls, (Act Act, int Number)[] steps)
    {
        await using FaultServer server = await FaultServer.StartAsync(tls);
        var clock = new RecordingClock();
        await using var reading = new Reading(server, clock, Timeouts);
        Dictionary<string, IResourceLease<V1EndpointSlice>> leases = [];
        leases["catalog"] = reading.OfService("catalog");
        foreach ((Act act, int number) in steps)
        {
            string service = Services[number % Services.Length];
            string name = $"slice-{number % 23}";
            switch (act)
            {
                case Act.Set:
                    server.Set(Reading.Slices, Reading.Slice(name, service, $"10.0.0.{number % 250}"));
                    break;
                case Act.Delete:
                    server.Delete(Reading.Slices, "shop", name);
                    break;
                case Act.Drop:
                    server.Drop();
                    break;
                case Act.End:
                    server.Say(OpenWatch.Kind.End);
                    break;
                case Act.Silence:
                    server.Say(OpenWatch.Kind.Silence);
                    break;
                case Act.Expire:
                    server.Store.Expire();
                    server.IsGoneInStream = number % 2 == 0;
                    break;
                case Act.Bookmark:
                    server.Bookmark();
                    break;
                case Act.Garbage:
                    server.Say(OpenWatch.Kind.Raw, "{\"type\":\"ADDED\",\"object\":\n");
                    break;
                case Act.Gone:
                    server.Say(OpenWatch.Kind.Raw, """{"type":"ERROR","object":{"code":410}}""" + "\n");
                    break;
                case Act.Fail:
                    FailNext(server, number % 4, new Fault(500 + (number % 4), "no luck"));
                    break;
                case Act.Busy:
                    FailNext(server, 1, new Fault(429, "slowly", RetryAfter: 1 + (number % 3)));
                    break;
                case Act.Deny:
                    FailNext(server, number % 3, Fault.Forbidden());
                    break;
                case Act.Unserve:
                    FailNext(server, number % 3, new Fault(404));
                    break;
                case Act.Rewind:
                    await server.StopAsync();
                    server.Store.Rewind();
                    await server.StartAgainAsync();
                    break;
                case Act.Restart:
                    await server.StopAsync();
                    await server.StartAgainAsync();
                    break;
                case Act.Lease when !leases.ContainsKey(service):
                    leases[service] = reading.OfService(service);
                    break;
                case Act.Release when leases.Remove(service, out IResourceLease<V1EndpointSlice>? lease):
                    lease.Dispose();
                    break;
                case Act.Settle:
                    await SettleAsync(server, clock, leases);
                    break;
                case Act.Streamed:
                    server.TakesStreamedLists = !server.TakesStreamedLists;
                    break;
            }

            clock.Advance(TimeSpan.FromMilliseconds(number));
        }

        server.OnCall = null;
        await SettleAsync(server, clock, leases);
    }

    private static Task SettleAsync(
        FaultServer server, RecordingClock clock, Dictionary<string, IResourceLease<V1EndpointSlice>> leases) =>
        Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return leases.All(lease => lease.Value.State.Status is ResourceStatus.Known && Reading.IsSame(server, lease.Value, lease.Key));
        });

    private static void FailNext(FaultServer server, int count, Fault fault)
    {
        int left = count;
        server.OnCall = _ => Interlocked.Decrement(ref left) >= 0 ? fault : null;
    }
}
