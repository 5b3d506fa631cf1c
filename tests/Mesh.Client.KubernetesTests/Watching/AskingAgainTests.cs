using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.KubernetesTests.Watching;

/// <summary>What the server does not serve, or does not allow, is asked for again ever less often.</summary>
public sealed class AskingAgainTests
{
    private static readonly ResourceType<V1EndpointSlice> Others = new("discovery.k8s.io", "v1", "others");

    // The clock runs ahead of what is under way: an answer that would be late by it is none of these tests.
    private static readonly ApiTimeouts Patient = new() { Answer = TimeSpan.FromDays(1) };

    [Fact]
    public async Task One_question_for_each_group_and_ever_less_often()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => new Fault(404);
        await using var reading = new Reading(server, clock, Patient);
        IResourceLease<V1EndpointSlice>[] leases =
        [
            .. Enumerable.Range(0, 4).Select(i => reading.OfNamespace($"ns{i}")),
            .. Enumerable.Range(0, 4).Select(i => Watch(reading, Others, $"ns{i}")),
        ];
        await Eventually.TrueAsync(() => leases.All(lease => lease.State.Status is ResourceStatus.NotServed));
        int calls = server.Calls.Length;
        await PassAsync(reading, clock, 5, () => Discoveries(server) >= 6, least: 30 + 60 + 120 + 240 + 300 + 300, most: 2400);
        Assert.Equal(calls, server.Calls.Count(call => call.Verb != "discover"));

        server.Kinds = _ => ["endpointslices", "others"];
        server.OnCall = null;
        await PassAsync(reading, clock, 5, () => leases.All(lease => lease.State.Status is ResourceStatus.Known), least: 0, most: 700);
    }

    [Fact]
    public async Task What_is_served_first_makes_the_others_of_its_group_look()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => new Fault(404);
        await using var reading = new Reading(server, clock, Patient);
        using IResourceLease<V1EndpointSlice> other = Watch(reading, Others, "shop");
        await Eventually.TrueAsync(() => other.State.Status is ResourceStatus.NotServed);
        await PassAsync(reading, clock, 5, () => Discoveries(server) >= 4, least: 450, most: 1200);

        server.Kinds = _ => ["endpointslices", "others"];
        server.OnCall = null;
        using IResourceLease<V1EndpointSlice> first = reading.OfNamespace();
        await Eventually.TrueAsync(() => first.State.Status is ResourceStatus.Known);
        await PassAsync(reading, clock, 0.1, () => other.State.Status is ResourceStatus.Known, least: 0, most: 30);
    }

    [Fact]
    public async Task Of_a_group_that_is_there_in_part_only_what_is_there_is_read()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = call => call.Plural == "others" ? new Fault(404) : null;
        await using var reading = new Reading(server, clock, Patient);
        using IResourceLease<V1EndpointSlice> there = reading.OfNamespace(), other = Watch(reading, Others, "shop");
        await Eventually.TrueAsync(() =>
            there.State.Status is ResourceStatus.Known && other.State.Status is ResourceStatus.NotServed);
        int asked = server.Calls.Count(call => call.Plural == "others");
        await PassAsync(reading, clock, 5, () => Discoveries(server) >= 4, least: 200, most: 1200);
        Assert.Equal(asked, server.Calls.Count(call => call.Plural == "others"));
    }

    [Fact]
    public async Task Where_discovery_is_denied_too_each_asks_for_itself()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = call => call.Verb == "discover" ? Fault.Forbidden() : new Fault(404);
        await using var reading = new Reading(server, clock, Patient);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Eventually.TrueAsync(() => lease.State.Status is ResourceStatus.NotServed);
        server.OnCall = call => call.Verb == "discover" ? Fault.Forbidden() : null;
        await PassAsync(reading, clock, 1, () => lease.State.Status is ResourceStatus.Known, least: 30, most: 90);
    }

    [Fact]
    public async Task What_is_denied_is_asked_for_ever_less_often_and_sooner_when_a_call_waits()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        server.OnCall = call => call.IsStreamedList ? null : Fault.Forbidden();
        await using var reading = new Reading(server, clock, Patient);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog"), other = reading.OfService("cart");
        await Eventually.TrueAsync(() => lease.State.Status is ResourceStatus.Denied && other.State.Status is ResourceStatus.Denied);
        await PassAsync(reading, clock, 5, () => Lists(server, "catalog") >= 6, least: 30 + 60 + 120 + 240 + 300, most: 2400);

        int lists = Lists(server, "catalog");
        await PassAsync(
            reading,
            clock,
            1,
            () =>
            {
                reading.Demand.Signal();
                return Lists(server, "catalog") > lists;
            },
            least: 0,
            most: 90);

        // Who was given one thing was often given others.
        server.OnCall = null;
        await Eventually.TrueAsync(() =>
        {
            Pass(reading, clock, 0.5);
            return lease.State.Status is ResourceStatus.Known || other.State.Status is ResourceStatus.Known;
        });
        await PassAsync(
            reading,
            clock,
            0.1,
            () => lease.State.Status is ResourceStatus.Known && other.State.Status is ResourceStatus.Known,
            least: 0,
            most: 30);
    }

    private static int Discoveries(FaultServer server) => server.Calls.Count(call => call.Verb == "discover");

    private static int Lists(FaultServer server, string service) =>
        server.Calls.Count(call => call.Verb == "list" && call["labelSelector"] == $"kubernetes.io/service-name={service}");

    private static IResourceLease<V1EndpointSlice> Watch(Reading reading, ResourceType<V1EndpointSlice> type, string @namespace) =>
        reading.Watches.Watch(new ResourceQuery<V1EndpointSlice>(type, @namespace), new Pulse(), new Pulse());

    // Not while one asks: that takes no time by this clock.
    private static void Pass(Reading reading, RecordingClock clock, double step)
    {
        if (reading.Streams.Count(StreamKind.Resources, StreamState.Connecting) == 0)
        {
            clock.Advance(TimeSpan.FromSeconds(step));
        }
    }

    private static async Task PassAsync(Reading reading, RecordingClock clock, double step, Func<bool> condition, double least, double most)
    {
        DateTimeOffset started = clock.GetUtcNow();
        await Eventually.TrueAsync(() =>
        {
            Pass(reading, clock, step);
            return condition();
        });
        Assert.InRange((clock.GetUtcNow() - started).TotalSeconds, least, most);
    }
}
