using k8s;
using k8s.Authentication;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Telemetry;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class RefusalTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task RBACs_refusal_names_what_is_missing_and_is_asked_about_again()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        server.OnCall = call => call.IsStreamedList ? null : Fault.Forbidden();
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => lease.State.Status is ResourceStatus.Denied);
        Assert.Equal(
            $"Kubernetes {server.Configuration.Host} denies access: RBAC does not give system:serviceaccount:shop:web the verb 'list' on "
            + "endpointslices.discovery.k8s.io in namespace shop",
            lease.State.Problem);
        Assert.Single(reading.Logs.GetSnapshot(), log => log.Id.Name == "AccessDenied");
        int calls = server.Calls.Length;
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(calls, server.Calls.Length);

        server.OnCall = null;
        await PassAsync(clock, () => Reading.IsSame(server, lease, "catalog"), Second);
        Assert.Null(lease.State.Problem);
    }

    [Fact]
    public async Task What_was_read_stands_when_it_is_denied_later()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        server.OnCall = _ => Fault.Forbidden();
        server.Drop();
        await PassAsync(clock, () => lease.State.Problem?.Contains("the verb 'watch'", StringComparison.Ordinal) == true);
        Assert.Equal(ResourceStatus.Known, lease.State.Status);
        Assert.Equal(["a"], lease.State.Items.Keys);

        int lists = server.Lists;
        server.OnCall = null;
        server.Set(Reading.Slices, Reading.Slice("b"));
        await PassAsync(clock, () => Reading.IsSame(server, lease, "catalog"), Second);
        Assert.Equal(lists, server.Lists);
    }

    [Fact]
    public async Task A_kind_that_is_not_served_is_noticed_when_it_appears()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => new Fault(404);
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => lease.State.Status is ResourceStatus.NotServed);
        Assert.Contains("does not serve endpointslices.discovery.k8s.io/v1", lease.State.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(reading.Logs.GetSnapshot(), log => log.Level >= Microsoft.Extensions.Logging.LogLevel.Information);
        Assert.False(reading.Streams.IsLost);

        server.OnCall = null;
        server.Set(Reading.Slices, Reading.Slice("a"));
        await PassAsync(clock, () => Reading.IsSame(server, lease, "catalog"), Second);
    }

    [Fact]
    public async Task A_kind_that_is_gone_is_believed_the_second_time()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        server.OnCall = _ => new Fault(404);
        server.Drop();
        await PassAsync(clock, () => lease.State.Problem?.Contains("does not serve", StringComparison.Ordinal) == true);
        Assert.Equal(ResourceStatus.Known, lease.State.Status);
        Assert.Single(lease.State.Items);
        await PassAsync(clock, () => lease.State.Status is ResourceStatus.NotServed, Second);
        Assert.Empty(lease.State.Items);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_server_that_asks_for_time_gets_it_whoever_waits(int code)
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = call => new Fault(code, "too many requests", RetryAfter: 7);
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => lease.State.Problem is not null);
        Assert.Contains(code == 429 ? "wants fewer requests" : "is not ready", lease.State.Problem, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => clock.Waits.Any(IsAsked));
        reading.Demand.Signal();
        clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Single(server.Calls);
        clock.Advance(TimeSpan.FromSeconds(3.7));
        await Eventually.TrueAsync(() => server.Calls.Length == 2);

        static bool IsAsked(TimeSpan wait) => wait >= TimeSpan.FromSeconds(7) && wait <= TimeSpan.FromSeconds(10.5);
    }

    [Fact]
    public async Task Failures_are_retried_with_a_growing_wait_and_sooner_when_a_call_waits()
    {
        var clock = new RecordingClock();
        await using FaultServer server = await FaultServer.StartAsync();
        server.OnCall = _ => new Fault(500, "etcd is away");
        await using var reading = new Reading(server, clock);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await PassAsync(clock, () => server.Calls.Length >= 6);
        Assert.Contains("it answered 500 (etcd is away)", lease.State.Problem, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => clock.Waits.Any(wait => wait > TimeSpan.FromSeconds(1)));
        Assert.DoesNotContain(clock.Waits, wait => wait > TimeSpan.FromSeconds(2) && wait < TimeSpan.FromSeconds(10));
        int calls = server.Calls.Length;
        server.OnCall = null;
        await Eventually.TrueAsync(() =>
        {
            reading.Demand.Signal();
            clock.Advance(TimeSpan.FromMilliseconds(20));
            return lease.State.Status is ResourceStatus.Known;
        });
        Assert.True(server.Calls.Length > calls);
    }

    [Fact]
    public async Task A_server_that_is_away_costs_nothing_but_freshness()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        Assert.Equal(1, reading.Streams.Count(StreamKind.Resources, StreamState.Open));
        int lists = server.Lists;
        await server.StopAsync();
        await Eventually.TrueAsync(() => lease.State.Problem is not null && reading.Streams.IsLost);
        Assert.StartsWith($"{reading.Watches.Name} is out of reach: ", lease.State.Problem, StringComparison.Ordinal);
        Assert.Equal(["a"], lease.State.Items.Keys);
        Assert.Equal(ResourceStatus.Known, lease.State.Status);

        server.Set(Reading.Slices, Reading.Slice("b"));
        await server.StartAgainAsync();
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Equal(lists, server.Lists);
        Assert.Null(lease.State.Problem);
        Assert.False(reading.Streams.IsLost);
        Assert.Single(reading.Logs.GetSnapshot(), log => log.Id.Name == "ApiServerLost");
        Assert.Single(reading.Logs.GetSnapshot(), log => log.Id.Name == "ApiServerFound");
    }

    [Fact]
    public async Task A_token_is_asked_for_with_each_request_and_never_told()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Token = "secret-1";
        server.Set(Reading.Slices, Reading.Slice("a"));
        var tokens = new Tokens { Now = "secret-0" };
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.TokenProvider = tokens;
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => lease.State.Problem is not null);
        Assert.Contains("does not accept this process's credential (401)", lease.State.Problem, StringComparison.Ordinal);
        Assert.Equal(ResourceStatus.Unknown, lease.State.Status);
        tokens.Now = null;
        await Eventually.TrueAsync(() => lease.State.Problem!.Contains("there is no token", StringComparison.Ordinal));
        tokens.Now = "secret-1";
        await Reading.SameAsync(server, lease, "catalog");
        await Eventually.TrueAsync(() => server.Store.Watches.Length == 1);
        server.Token = tokens.Now = "secret-2";
        server.Drop();
        server.Set(Reading.Slices, Reading.Slice("b"));
        await Reading.SameAsync(server, lease, "catalog");
        Assert.DoesNotContain(reading.Logs.GetSnapshot(), log => log.Message.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_whose_certificate_is_of_another_authority_is_not_told_the_token()
    {
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        using var other = ServerCertificate.Create();
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.AccessToken = "secret";
        configuration.SslCaCerts = [other];
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => lease.State.Problem is not null);
        Assert.Empty(server.Calls);
        Assert.Contains("certificate", lease.State.Problem, StringComparison.OrdinalIgnoreCase);
    }

    private static Task PassAsync(RecordingClock clock, Func<bool> condition, TimeSpan? step = null) => Eventually.TrueAsync(() =>
    {
        clock.Advance(step ?? TimeSpan.FromMilliseconds(50));
        return condition();
    });

    private sealed class Tokens : ITokenProvider
    {
        public string? Now { get; set; }

        public Task<System.Net.Http.Headers.AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken) =>
            Now is null ? throw new InvalidOperationException("the plugin printed secret-9")
                : Task.FromResult(new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", Now));
    }
}
