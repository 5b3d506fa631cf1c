using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class QuietTests
{
    [Fact]
    public async Task A_watch_that_had_bookmarks_and_has_none_any_more_is_resumed()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        server.Bookmark();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await Reading.SameAsync(server, lease, "catalog");
        int watches = server.Watches, lists = server.Lists;

        // A proxy that answers pings and has lost the way behind it.
        server.Say(OpenWatch.Kind.Silence);
        server.Set(Reading.Slices, Reading.Slice("b"));
        clock.Advance(TimeSpan.FromMinutes(3));
        await Eventually.TrueAsync(() => server.Watches == watches + 1);
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Equal(lists, server.Lists);
        Assert.Null(lease.State.Problem);
        Assert.Empty(reading.Logs.GetSnapshot());
    }
}
