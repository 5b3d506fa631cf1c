using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class RetryAfterTests
{
    [Fact]
    public async Task Who_is_to_come_again_at_once_backs_off_all_the_same()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => new Fault(429, "too many requests", RetryAfter: 0);
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => clock.Waits.Any(wait => wait.TotalMilliseconds is >= 100 and <= 150));
        Assert.Single(server.Calls);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            return clock.Waits.Any(wait => wait.TotalSeconds is >= 1 and <= 3);
        });
        Assert.InRange(server.Calls.Length, 4, 8);
    }

    // The clock moves by the least that lies between two tries, an eighth of each wait: nothing but the call ends it.
    [Fact]
    public async Task A_call_that_waits_ends_the_backoff()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => new Fault(503, "not ready");
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            return clock.Waits.Any(IsLong);
        });
        for (int i = 0; i < 10; i++)
        {
            int calls = server.Calls.Length;
            int waits = clock.Waits.Count(IsLong);
            reading.Demand.Signal();
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Eventually.TrueAsync(() => clock.Waits.Count(IsLong) > waits);
            Assert.Equal(calls + 1, server.Calls.Length);
        }

        static bool IsLong(TimeSpan wait) => wait.TotalSeconds is >= 0.8 and <= 3;
    }

    [Fact]
    public async Task A_call_that_waits_cuts_the_backoff_but_not_what_was_asked_for()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => new Fault(503, "not ready", RetryAfter: 1);
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        for (int call = 1; call < 6; call++)
        {
            await Eventually.TrueAsync(() => clock.Waits.Count(IsAsked) >= call);
            Assert.Equal(call, server.Calls.Length);
            clock.Advance(TimeSpan.FromSeconds(0.99));
            Assert.Equal(call, server.Calls.Length);
            clock.Advance(TimeSpan.FromSeconds(0.52));
            await Eventually.TrueAsync(() =>
            {
                reading.Demand.Signal();
                return server.Calls.Length == call + 1;
            });
        }

        static bool IsAsked(TimeSpan wait) => wait.TotalSeconds is >= 1 and <= 1.5;
    }
}
