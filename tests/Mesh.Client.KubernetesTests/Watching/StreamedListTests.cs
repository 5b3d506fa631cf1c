using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class StreamedListTests
{
    [Fact]
    public async Task Over_http_1_silence_after_a_streamed_list_is_no_outage()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.TakesStreamedLists = true;
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
        clock.Advance(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => server.Watches == 2);
        Assert.InRange(int.Parse(server.Calls[^1]["timeoutSeconds"]!), 20, 25);
        Assert.False(server.Calls[^1].IsStreamedList);
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Empty(reading.Logs.GetSnapshot());
        Assert.Null(lease.State.Problem);
    }

    [Fact]
    public async Task One_silent_connection_does_not_end_streamed_lists_for_good()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        server.IgnoresStreamedLists = true;
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return lease.State.Status is ResourceStatus.Known;
        });
        server.TakesStreamedLists = true;
        using IResourceLease<V1EndpointSlice> soon = reading.OfService("cart");
        await Reading.SameAsync(server, soon, "cart");
        Assert.Single(server.Calls, call => call.IsStreamedList);

        clock.Advance(TimeSpan.FromMinutes(5));
        using IResourceLease<V1EndpointSlice> later = reading.OfService("s2");
        await Reading.SameAsync(server, later, "s2");
        Assert.Equal(2, server.Calls.Count(call => call.IsStreamedList));
    }
}
