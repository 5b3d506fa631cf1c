using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class RelistTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_410_a_list_that_is_not_older_will_do_and_not_all_ask_at_once(bool streamed)
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        server.TakesStreamedLists = streamed;
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        string version = server.Store.Version;
        int lists = server.Lists;
        server.Store.Expire();
        server.Say(OpenWatch.Kind.Raw, """{"type":"ERROR","object":{"code":410}}""" + "\n");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 0);
        server.Set(Reading.Slices, Reading.Slice("b"));
        Assert.Equal(lists, server.Lists);

        // A call waits.
        await Eventually.TrueAsync(() =>
        {
            reading.Demand.Signal();
            return Reading.IsSame(server, lease, "catalog");
        });
        ApiCall list = server.Calls.Last(call => call.Verb == "list" || call.IsStreamedList);
        Assert.Equal((version, "NotOlderThan"), (list["resourceVersion"], list["resourceVersionMatch"]));
        Assert.Equal(lists + 1, server.Lists);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_five_seconds()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        server.Say(OpenWatch.Kind.Raw, """{"type":"ERROR","object":{"code":410}}""" + "\n");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 0);
        DateTimeOffset gone = clock.GetUtcNow();
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return server.Lists == lists + 1;
        });
        Assert.True(clock.GetUtcNow() - gone < TimeSpan.FromSeconds(10));
        Assert.Null(lease.State.Problem);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_has_nothing_so_new_is_asked_for_the_newest(bool streamed)
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.TakesStreamedLists = streamed;
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        await server.StopAsync();
        server.Store.Rewind();
        server.Set(Reading.Slices, Reading.Slice("b"));
        await server.StartAgainAsync();
        await Reading.SameAsync(server, lease, "catalog");
        ApiCall[] lists = [.. server.Calls.Where(call => call.Verb == "list" || call.IsStreamedList).TakeLast(2)];
        Assert.NotNull(lists[0]["resourceVersion"]);
        Assert.Null(lists[1]["resourceVersion"]);
    }

    [Fact]
    public async Task A_bookmark_from_the_past_means_that_the_server_was_restored()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        server.Say(OpenWatch.Kind.Line, StoredChange.Bookmark(7));
        await Eventually.TrueAsync(() => server.Lists == lists + 1);
        Assert.Null(server.Calls.Last(call => call.Verb == "list")["resourceVersion"]);
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_made_good_by_a_list_but_not_by_a_list_for_each()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        await SpoilAsync();
        Assert.Equal(lists, server.Lists);
        clock.Advance(TimeSpan.FromSeconds(5));
        await Eventually.TrueAsync(() => server.Lists == lists + 1 && server.Store.Watches.Length == 1);

        await SpoilAsync();
        clock.Advance(TimeSpan.FromSeconds(25));
        await SpoilAsync();
        Assert.Equal(lists + 1, server.Lists);
        clock.Advance(TimeSpan.FromSeconds(35));
        await Eventually.TrueAsync(() => server.Lists == lists + 2 && server.Store.Watches.Length == 1);
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Null(lease.State.Problem);

        // What comes after it is heard still.
        async Task SpoilAsync()
        {
            server.Say(OpenWatch.Kind.Raw, "no event\n");
            server.Set(Reading.Slices, Reading.Slice("b"));
            await Reading.SameAsync(server, lease, "catalog");
        }
    }

    private static async Task<IResourceLease<V1EndpointSlice>> StartAsync(FaultServer server, Reading reading)
    {
        server.Set(Reading.Slices, Reading.Slice("a"));
        IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        return lease;
    }
}
