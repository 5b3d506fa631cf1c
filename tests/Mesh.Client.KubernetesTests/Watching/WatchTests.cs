using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class WatchTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_drops_in_the_middle_of_a_line_is_resumed_and_nothing_is_listed_again(bool tls)
    {
        await using FaultServer server = await FaultServer.StartAsync(tls);
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        for (int i = 0; i < 5; i++)
        {
            server.Drop();
            server.Set(Reading.Slices, Reading.Slice($"new-{i}"));
            server.Delete(Reading.Slices, "shop", $"new-{i - 1}");
            await Reading.SameAsync(server, lease, "catalog");
            await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        }

        Assert.Equal(lists, server.Lists);
        await Eventually.TrueAsync(() => lease.State.Problem is null);
    }

    [Fact]
    public async Task A_watch_goes_on_from_the_last_bookmark()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);

        // Of others: the watch hears nothing of them but the bookmark.
        server.Set(Reading.Slices, Reading.Slice("cart-1", service: "cart"));
        server.Store.Expire();
        string version = server.Store.Version;
        server.Bookmark();
        server.Say(OpenWatch.Kind.End);
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1 && Last(server)["resourceVersion"] == version);
        Assert.Equal(2, server.Lists);
        Assert.Equal("true", Last(server)["allowWatchBookmarks"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_bookmarks_a_version_goes_and_the_list_is_read_again_once(bool isInStream)
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.IsGoneInStream = isInStream;
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        server.Set(Reading.Slices, Reading.Slice("cart-1", service: "cart"));
        server.Say(OpenWatch.Kind.Silence);
        server.Set(Reading.Slices, Reading.Slice("b"));
        server.Delete(Reading.Slices, "shop", "a");
        server.Store.Expire();
        await server.StopAsync();
        await server.StartAgainAsync();
        await Reading.SameAsync(server, lease, "catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        Assert.Equal(lists + 1, server.Lists);
        Assert.Equal("NotOlderThan", server.Calls.Last(call => call.Verb == "list")["resourceVersionMatch"]);
    }

    [Fact]
    public async Task Gone_in_the_middle_of_a_stream_reads_the_list_again()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        server.Say(
            OpenWatch.Kind.Raw, """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}}""" + "\n");
        await Eventually.TrueAsync(() => server.Lists == lists + 1);
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");
    }

    [Fact]
    public async Task A_server_that_is_always_gone_is_not_asked_without_end()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = call => call is { Verb: "watch", IsStreamedList: false } ? new Fault(410, "Expired") : null;
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");

        // But for the spread the clock stands still: only what needs no wait happens.
        await Eventually.TrueAsync(() => server.Watches == 2);
        await Eventually.TrueAsync(() =>
        {
            reading.Demand.Signal();
            return lease.State.Problem is not null;
        });
        Assert.Equal(3, server.Lists);
        Assert.Equal(ResourceStatus.Known, lease.State.Status);
    }

    [Fact]
    public async Task A_server_whose_versions_begin_again_is_listed_again()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        await server.StopAsync();
        server.Store.Rewind();
        server.Set(Reading.Slices, Reading.Slice("b"));
        await server.StartAgainAsync();
        await Reading.SameAsync(server, lease, "catalog");
        server.Set(Reading.Slices, Reading.Slice("c"));
        await Reading.SameAsync(server, lease, "catalog");
    }

    [Fact]
    public async Task Garbage_between_events_is_passed_by()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        string[] garbage =
        [
            "not json", "{}", "[]", "\"text\"", "{\"type\":7,\"object\":{}}", "{\"type\":\"ADDED\"}", "{\"type\":\"NEWS\",\"object\":{}}",
            "{\"type\":\"ADDED\",\"object\":null}", "{\"type\":\"ADDED\",\"object\":{\"metadata\":{}}}",
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\",\"namespace\":\"other\",\"resourceVersion\":\"9\"}}}",
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\",\"namespace\":\"shop\"}}}",
            "{\"type\":\"BOOKMARK\",\"object\":{}}", "{\"type\":\"\\ud800\",\"object\":{}}",
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\\ud800\",\"namespace\":\"shop\",\"resourceVersion\":\"9\"}}}",
            "not json either",
        ];
        foreach (string line in garbage)
        {
            server.Say(OpenWatch.Kind.Raw, line + "\n\n");
        }

        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Equal(lists, server.Lists);
        Assert.Equal(garbage.Length, reading.BadInputs.Count);
        Assert.Single(
            reading.Logs.GetSnapshot(),
            log => log.Id.Name == "BadInput" && log.Message.Contains("is no JSON", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_object_that_makes_no_sense_leaves_the_last_that_did()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        server.Store.SetJson(
            "discovery.k8s.io",
            "endpointslices",
            """{"metadata":{"name":"a","namespace":"shop","labels":{"kubernetes.io/service-name":"catalog"}},"endpoints":"none"}""");
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Eventually.TrueAsync(() => lease.State.Items.ContainsKey("b"));
        Assert.Equal("10.0.0.1", lease.State.Items["a"].Endpoints[0].Addresses[0]);
        Assert.Single(reading.BadInputs);
    }

    [Fact]
    public async Task A_line_without_end_is_passed_by()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        string part = new('x', 4 * 1024 * 1024);
        for (int bytes = 0; bytes <= ApiStream.MaxLineBytes + part.Length; bytes += part.Length)
        {
            server.Say(OpenWatch.Kind.Raw, part);
        }

        server.Say(OpenWatch.Kind.Raw, "\n");
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Single(server.Store.Watches);
        Assert.Contains("longer than", Assert.Single(reading.BadInputs), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_come_again_change_nothing()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        string version = lease.State.Items["a"].Metadata.ResourceVersion;
        server.Set(Reading.Slices, Reading.Slice("a", address: "10.0.0.2"));
        await Reading.SameAsync(server, lease, "catalog");
        ResourceState<V1EndpointSlice> state = lease.State;
        V1EndpointSlice old = Reading.Slice("a");
        old.Metadata.ResourceVersion = version;
        JsonNode sent = JsonNode.Parse(KubernetesJson.Serialize(old))!;
        server.Say(OpenWatch.Kind.Raw, StoredChange.Event("MODIFIED", sent) + "\n");
        server.Say(OpenWatch.Kind.Raw, StoredChange.Event("DELETED", sent) + "\n");
        server.Say(OpenWatch.Kind.Raw, "the end\n");
        await Eventually.TrueAsync(() => !reading.BadInputs.IsEmpty);
        Assert.Same(state, lease.State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slow_bytes_add_up_to_the_same(bool streamed)
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.ChunkBytes = 7;
        server.TakesStreamedLists = streamed;
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        server.Set(Reading.Slices, Reading.Slice("b"));
        server.Set(Reading.Slices, Reading.Slice("ä-ö"));
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Empty(reading.BadInputs);
    }

    [Fact]
    public async Task A_silent_connection_over_http_1_is_found_within_30_seconds()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists, watches = server.Watches;
        server.Say(OpenWatch.Kind.Silence);
        server.Set(Reading.Slices, Reading.Slice("b"));
        Assert.InRange(int.Parse(Last(server)["timeoutSeconds"]!), 20, 25);
        clock.Advance(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => lease.State.Problem is not null);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return Reading.IsSame(server, lease, "catalog");
        });
        Assert.Equal(lists, server.Lists);
        Assert.Equal(watches + 1, server.Watches);
    }

    [Fact]
    public async Task A_connection_that_died_without_a_word_over_http_2_is_found_by_its_pings()
    {
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        await using var relay = new FreezingRelay(server.Port);
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.Host = $"https://127.0.0.1:{relay.Port}";
        var quick = new ApiTimeouts { PingDelay = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(1) };
        await using var reading = new Reading(configuration, timeouts: quick);
        using IResourceLease<V1EndpointSlice> lease = await StartAsync(server, reading);
        int lists = server.Lists;
        Assert.Equal(1, relay.Accepted);
        Assert.InRange(int.Parse(Last(server)["timeoutSeconds"]!), 300, 600);
        relay.Freeze();
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Equal(2, relay.Accepted);
        Assert.Equal(lists, server.Lists);
        var defaults = new ApiTimeouts();
        Assert.True(defaults.PingDelay + defaults.PingTimeout < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_server_that_ends_every_watch_at_once_is_asked_less_and_less()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        server.OnCall = call => call is { Verb: "watch", IsStreamedList: false } ? new Fault(200) : null;
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => lease.State.Problem is not null);
        Assert.Equal(2, server.Watches);
        Assert.Equal(["a"], lease.State.Items.Keys);
        clock.Advance(TimeSpan.FromMilliseconds(110));
        await Eventually.TrueAsync(() => server.Watches == 3);
        await Eventually.TrueAsync(() => clock.Waits.Any(wait => wait.TotalMilliseconds is >= 200 and <= 220));
    }

    private static ApiCall Last(FaultServer server) => server.Calls.Last(call => call.Verb == "watch");

    private static async Task<IResourceLease<V1EndpointSlice>> StartAsync(FaultServer server, Reading reading)
    {
        server.Set(Reading.Slices, Reading.Slice("a"));
        IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        return lease;
    }
}
