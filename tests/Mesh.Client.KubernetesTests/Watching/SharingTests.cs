using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class SharingTests
{
    private const int Many = ResourceFamily<V1EndpointSlice>.MaxOwn + 1;

    [Fact]
    public async Task The_same_query_has_one_watch()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server);
        IResourceLease<V1EndpointSlice>[] leases = [.. Enumerable.Range(0, 50).Select(_ => reading.OfService("catalog"))];
        await Eventually.TrueAsync(() => leases.All(lease => lease.State.Items.Count == 1) && server.Store.Watches.Length == 1);
        Assert.Equal(2, server.Lists);
        Assert.All(leases, lease => Assert.Same(leases[0].State, lease.State));
    }

    [Fact]
    public async Task A_watch_lingers_after_its_last_reader()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server, clock);
        IResourceLease<V1EndpointSlice> first = reading.OfService("catalog");
        IResourceLease<V1EndpointSlice> second = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        first.Dispose();
        first.Dispose();
        clock.Advance(TimeSpan.FromSeconds(15));
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, second, "catalog");

        second.Dispose();
        clock.Advance(TimeSpan.FromSeconds(14));
        using (IResourceLease<V1EndpointSlice> third = reading.OfService("catalog"))
        {
            // What has lingered is there at once, and fresh.
            Assert.Equal(2, third.State.Items.Count);
            clock.Advance(TimeSpan.FromSeconds(14));
        }

        Assert.Equal(2, server.Lists);
        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Single(server.Store.Watches);
        clock.Advance(TimeSpan.FromSeconds(16.1));
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 0);
    }

    [Fact]
    public async Task Many_services_of_a_namespace_share_one_watch_and_nobody_sees_a_gap()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        for (int i = 0; i < Many + 3; i++)
        {
            server.Set(Reading.Slices, Reading.Slice($"s{i}-1", service: $"s{i}"));
        }

        await using var reading = new Reading(server);
        List<IResourceLease<V1EndpointSlice>> leases = [];
        for (int i = 0; i < Many - 1; i++)
        {
            leases.Add(reading.OfService($"s{i}"));
            await Reading.SameAsync(server, leases[i], $"s{i}");
        }

        await Eventually.TrueAsync(() => server.Store.Watches.Length == Many - 1);
        using var stop = new CancellationTokenSource();
        Task<bool> gap = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (leases[0].State is not { Status: ResourceStatus.Known, Items.Count: 1 })
                {
                    return true;
                }
            }

            return false;
        });
        leases.Add(reading.OfService($"s{Many - 1}"));
        await Reading.SameAsync(server, leases[^1], $"s{Many - 1}");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        Assert.Null(server.Store.Watches[0].Call["labelSelector"]);
        await stop.CancelAsync();
        Assert.False(await gap);

        // One more costs no request, and is there at once.
        int calls = server.Calls.Length;
        using IResourceLease<V1EndpointSlice> more = reading.OfService($"s{Many}");
        Assert.Equal([$"s{Many}-1"], more.State.Items.Keys);
        server.Set(Reading.Slices, Reading.Slice($"s{Many}-2", service: $"s{Many}"));
        server.Set(Reading.Slices, Reading.Slice("s0-1", service: "s1"));
        await Reading.SameAsync(server, more, $"s{Many}");
        await Reading.SameAsync(server, leases[0], "s0");
        await Reading.SameAsync(server, leases[1], "s1");
        Assert.Equal(calls, server.Calls.Length);
    }

    [Fact]
    public async Task Nobody_goes_back_in_time_for_the_shared_watch()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        List<IResourceLease<V1EndpointSlice>> leases = [];
        for (int i = 0; i < Many - 1; i++)
        {
            server.Set(Reading.Slices, Reading.Slice($"s{i}-1", service: $"s{i}"));
            leases.Add(reading.OfService($"s{i}"));
            await Reading.SameAsync(server, leases[i], $"s{i}");
        }

        await Eventually.TrueAsync(() => server.Store.Watches.Length == Many - 1);

        // The list of the namespace is on its way while one of its services changes, and its watch hears nothing for now.
        server.OnListed = async call =>
        {
            if (call["labelSelector"] is null)
            {
                server.Set(Reading.Slices, Reading.Slice("s0-1", service: "s0", address: "10.0.0.9"));
                await Reading.SameAsync(server, leases[0], "s0");
            }
        };
        server.OnCall = call => call is { Verb: "watch", IsStreamedList: false } && call["labelSelector"] is null
            ? new Fault(500, "not now") : null;
        leases.Add(reading.OfService($"s{Many - 1}"));
        await Eventually.TrueAsync(() => leases[^1].State.Status is ResourceStatus.Known);
        Assert.True(Reading.IsSame(server, leases[0], "s0"));

        server.OnCall = null;
        await Eventually.TrueAsync(() =>
        {
            reading.Demand.Signal();
            return server.Store.Watches is [{ } watch] && watch.Call["labelSelector"] is null;
        });
        Assert.True(Reading.IsSame(server, leases[0], "s0"));
    }

    [Fact]
    public async Task What_nobody_reads_any_more_is_forgotten()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        await using var reading = new Reading(server, clock);
        for (int i = 0; i < 3; i++)
        {
            reading.OfNamespace($"ns{i}").Dispose();
        }

        Assert.Equal(3, reading.Watches.Families);
        clock.Advance(ResourceFamily<V1EndpointSlice>.Linger);
        await Eventually.TrueAsync(() => reading.Watches.Families == 0);
        server.Set(Reading.Slices, Reading.Slice("a", @namespace: "ns1"));
        using IResourceLease<V1EndpointSlice> again = reading.OfNamespace("ns1");
        await Eventually.TrueAsync(() => again.State.Items.Count == 1);
    }

    [Fact]
    public async Task Only_readers_of_what_has_changed_are_woken()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> all = reading.OfNamespace();
        Pulse cart = new(), catalog = new();
        using IResourceLease<V1EndpointSlice> one = Watch("cart", cart), other = Watch("catalog", catalog);
        await Eventually.TrueAsync(() => all.State.Status is ResourceStatus.Known && other.State.Status is ResourceStatus.Known);
        int before = cart.Count;
        server.Set(Reading.Slices, Reading.Slice("a"));
        await Eventually.TrueAsync(() => other.State.Items.Count == 1 && all.State.Items.Count == 1);
        Assert.Equal(before, cart.Count);
        Assert.Single(server.Store.Watches);

        IResourceLease<V1EndpointSlice> Watch(string service, Pulse changed) => reading.Watches.Watch(
            new ResourceQuery<V1EndpointSlice>(Reading.Slices, "shop", $"kubernetes.io/service-name={service}"), changed, new Pulse());
    }

    [Fact]
    public async Task Services_by_name_share_a_watch_of_their_namespace_too()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        await using var reading = new Reading(server);
        List<IResourceLease<V1Service>> leases = [];
        for (int i = 0; i < Many; i++)
        {
            server.Set(Reading.Services, new V1Service { Metadata = new V1ObjectMeta { Name = $"s{i}", NamespaceProperty = "shop" } });
            leases.Add(reading.Watches.Watch(
                new ResourceQuery<V1Service>(Reading.Services, "shop", FieldSelector: $"metadata.name=s{i}"),
                reading.Changed,
                reading.Demand));
        }

        await Eventually.TrueAsync(() => leases.TrueForAll(lease => lease.State.Items.Count == 1) && server.Store.Watches.Length == 1);
        Assert.Equal("s3", Assert.Single(leases[3].State.Items).Key);
        Assert.StartsWith("services", server.Store.Watches[0].Call.Plural, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_list_the_namespace_has_watches_by_name()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = call => call["labelSelector"] is null && !call.IsStreamedList ? Fault.Forbidden() : null;
        await using var reading = new Reading(server);
        IResourceLease<V1EndpointSlice>[] leases = [.. Enumerable.Range(0, Many + 2).Select(i => reading.OfService($"s{i}"))];
        await Eventually.TrueAsync(() =>
            leases.All(lease => lease.State.Status is ResourceStatus.Known) && server.Store.Watches.Length == leases.Length);
        Assert.Single(server.Calls, call => call["labelSelector"] is null && call.Verb == "list");
    }

    [Fact]
    public async Task A_selector_that_only_the_server_understands_has_its_own_watch()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> all = reading.OfNamespace();
        using IResourceLease<V1EndpointSlice> other = reading.Watches.Watch(
            new ResourceQuery<V1EndpointSlice>(Reading.Slices, "shop", "kubernetes.io/service-name!=cart"),
            reading.Changed,
            reading.Demand);
        await Eventually.TrueAsync(() => all.State.Items.Count == 1 && other.State.Items.Count == 1);
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 2);
    }

    [Fact]
    public async Task Disposal_ends_every_watch()
    {
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        var reading = new Reading(server);
        IResourceLease<V1EndpointSlice> one = reading.OfService("catalog");
        IResourceLease<V1EndpointSlice> other = reading.OfNamespace("other");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 2);
        await reading.DisposeAsync();
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 0);
        Assert.Equal(0, reading.Streams.Count(Telemetry.StreamKind.Resources, Telemetry.StreamState.Open));
        Assert.Equal(ResourceStatus.Known, one.State.Status);
        int calls = server.Calls.Length;
        Assert.Equal(ResourceStatus.Unknown, reading.OfNamespace("new").State.Status);
        Assert.Equal(calls, server.Calls.Length);
        one.Dispose();
        other.Dispose();
    }
}
