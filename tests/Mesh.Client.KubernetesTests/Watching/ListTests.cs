using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class ListTests
{
    [Fact]
    public async Task A_long_list_is_read_in_pages()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        Fill(server, 1200);
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");

        ApiCall[] pages = [.. server.Calls.Where(call => call.Verb == "list")];
        Assert.Equal(3, pages.Length);
        Assert.All(pages, page => Assert.Equal("500", page["limit"]));
        Assert.Equal("0", pages[0]["resourceVersion"]);
        Assert.Equal([false, true, true], pages.Select(page => page.IsContinued));
    }

    [Fact]
    public async Task A_cache_that_sends_all_at_once_will_do()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.CacheIgnoresLimit = true;
        Fill(server, 700);
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Single(server.Calls, call => call.Verb == "list");
    }

    [Fact]
    public async Task A_list_whose_next_page_is_gone_is_read_in_one_piece()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        Fill(server, 700);
        server.OnCall = call =>
        {
            if (call.IsContinued)
            {
                server.Store.Expire();
            }

            return null;
        };
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
        ApiCall last = server.Calls.Last(call => call.Verb == "list");
        Assert.Null(last["limit"]);
        Assert.Equal(3, server.Calls.Count(call => call.Verb == "list"));
    }

    [Fact]
    public async Task A_server_that_refuses_a_streamed_list_is_asked_for_one_once()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> first = reading.OfService("catalog");
        await Reading.SameAsync(server, first, "catalog");
        using IResourceLease<V1EndpointSlice> second = reading.OfService("cart");
        await Reading.SameAsync(server, second, "cart");
        Assert.Single(server.Calls, call => call.IsStreamedList);
    }

    [Fact]
    public async Task A_server_that_takes_a_streamed_list_for_a_watch_is_found_out()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.IgnoresStreamedLists = true;
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Watches == 1);
        Assert.Equal(ResourceStatus.Unknown, lease.State.Status);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return lease.State.Status is ResourceStatus.Known;
        });
        Assert.Equal(["a"], lease.State.Items.Keys);
        Assert.Single(server.Calls, call => call.IsStreamedList);
    }

    [Fact]
    public async Task After_a_streamed_list_the_watch_may_be_silent_as_any_other()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        server.TakesStreamedLists = true;
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");

        clock.Advance(TimeSpan.FromSeconds(60));
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");

        Assert.Equal(1, server.Watches);
    }

    [Fact]
    public async Task A_streamed_list_that_breaks_off_shows_nothing_by_halves()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.TakesStreamedLists = true;
        server.IgnoresStreamedLists = true;
        Fill(server, 20);
        int streamed = 0;
        server.OnCall = call =>
        {
            server.TakesStreamedLists = Interlocked.Increment(ref streamed) > 1;
            return null;
        };
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");

        // The first has all items, but not the word that these are all.
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        server.Say(OpenWatch.Kind.End);
        await Eventually.TrueAsync(() => lease.State.Status is not ResourceStatus.Unknown || lease.State.Problem is not null);
        Assert.Equal(ResourceStatus.Unknown, lease.State.Status);
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Equal(2, server.Calls.Count(call => call.IsStreamedList));
    }

    [Fact]
    public async Task What_makes_no_sense_is_left_out_of_a_list_and_the_rest_holds()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        server.Store.SetJson("discovery.k8s.io", "endpointslices", """{"metadata":{"name":"b","namespace":"shop"},"endpoints":7}""");
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Eventually.TrueAsync(() => lease.State.Status is ResourceStatus.Known);
        Assert.Equal(["a"], lease.State.Items.Keys);
        Assert.Contains("b: ", Assert.Single(reading.BadInputs), StringComparison.Ordinal);
        Assert.Single(reading.Logs.GetSnapshot(), log => log.Id.Name == "BadInput");
    }

    [Fact]
    public async Task Objects_are_trimmed_before_they_are_kept()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server);
        var trimmed = new ResourceType<V1EndpointSlice>("discovery.k8s.io", "v1", "endpointslices") { Trim = slice => slice.Ports = [] };
        using IResourceLease<V1EndpointSlice> lease = reading.Watches.Watch(
            new ResourceQuery<V1EndpointSlice>(trimmed, "shop"), new Pulse(), new Pulse());
        await Eventually.TrueAsync(() => lease.State.Items.Count == 1);
        Assert.Empty(lease.State.Items["a"].Ports);
    }

    [Fact]
    public async Task A_list_of_which_nothing_comes_is_given_up()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => Fault.Hang;
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Calls.Length == 1);
        clock.Advance(new ApiTimeouts().Answer);
        await Eventually.TrueAsync(() => lease.State.Problem is not null);
        Assert.Contains("did not answer within 30 s", lease.State.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_may_be_compressed_and_watches_not()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Compresses = true;
        Fill(server, 700);
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
        Assert.True(server.Bytes < 50_000, $"{server.Bytes} bytes");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        Assert.All(
            server.Calls, call => Assert.Equal(call.Verb == "list" ? "gzip" : "", call.AcceptEncoding ?? ""));
    }

    private static void Fill(FaultServer server, int count)
    {
        for (int i = 0; i < count; i++)
        {
            server.Set(Reading.Slices, Reading.Slice($"catalog-{i}"));
        }
    }
}
