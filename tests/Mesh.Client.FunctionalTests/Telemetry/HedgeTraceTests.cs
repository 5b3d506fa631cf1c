using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using static Mesh.Client.FunctionalTests.Telemetry.CallTraceTests;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>The spans of a call that has two attempts under way.</summary>
[Collection(nameof(Alone))]
public sealed class HedgeTraceTests
{
    private const string Service = "catalog.default.svc.cluster.local:80";

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1234);

    private readonly TaskCompletionSource _first = new();
    private readonly RecordingClock _clock = new();
    private int _hits;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SlowFirst_IsLost_BelowTheSameCall()
    {
        await using Backend one = await SlowOnceAsync(), two = await SlowOnceAsync();
        await using MeshHost mesh = await StartAsync(one, two);
        using var trace = new TraceRecorder();
        Task<HttpResponseMessage> sending = await SendTwiceAsync(mesh);

        using HttpResponseMessage response = await sending;
        Assert.Equal("second", await response.Content.ReadAsStringAsync(Cancellation));

        Activity call = await trace.CallAsync();
        await Eventually.TrueAsync(() => trace.Attempts.Length == 2);
        AssertTags(call, ("mesh.attempts", 2), ("http.response.status_code", 200), ("error.type", null));
        Activity[] attempts = trace.Attempts;
        Assert.All(attempts, attempt => Assert.Equal(call.SpanId, attempt.ParentSpanId));
        AssertTags(
            attempts[0],
            ("mesh.hedge", null),
            ("mesh.hedge.outcome", "lost"),
            ("mesh.outcome", "cancelled"),
            ("error.type", null),
            ("http.request.resend_count", null));
        AssertTags(
            attempts[1],
            ("mesh.hedge", true),
            ("mesh.hedge.outcome", "won"),
            ("mesh.outcome", "success"),
            ("http.request.resend_count", 1),
            ("http.response.status_code", 200));
        Assert.Single(trace.Calls);
    }

    [Fact]
    public async Task CallerWhoGivesUp_EndsAll()
    {
        await using Backend one = await SlowOnceAsync(always: true), two = await SlowOnceAsync(always: true);
        await using MeshHost mesh = await StartAsync(one, two);
        using var caller = new CancellationTokenSource();
        using var trace = new TraceRecorder();
        using MetricCollector<long> hedges = Hedges(mesh);
        Task<HttpResponseMessage> sending = await SendTwiceAsync(mesh, caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        AssertTags(await trace.CallAsync(), ("error.type", "cancelled"), ("mesh.attempts", 2), ("mesh.backend", Service));
        await Eventually.TrueAsync(() => trace.Attempts.Length == 2);
        Assert.All(trace.Attempts, attempt => AssertTags(attempt, ("error.type", "cancelled"), ("mesh.hedge.outcome", null)));
        Assert.Equal("lost", Assert.Single(hedges.GetMeasurementSnapshot()).Tags["mesh.hedge.outcome"]);
    }

    [Fact]
    public async Task BothFailed_NoneHasWon()
    {
        await using Backend one = await Backend.StartAsync(503), two = await Backend.StartAsync(503);
        await using MeshHost mesh = await StartAsync(one, two, ("Retry:MaxRetries", "1"));
        using MetricCollector<long> hedges = Hedges(mesh);
        using var trace = new TraceRecorder();

        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return sending.IsCompleted;
        });
        (await sending).Dispose();

        AssertTags(await trace.CallAsync(), ("http.response.status_code", 503), ("mesh.attempts", 3));
        await Eventually.TrueAsync(() => trace.Attempts.Length == 3);
        Assert.All(trace.Attempts, attempt => AssertTags(attempt, ("error.type", "503")));
        Assert.Equal(["lost", "lost", null], trace.Attempts.Select(attempt => attempt.GetTagItem("mesh.hedge.outcome")));
        Assert.Equal("lost", Assert.Single(hedges.GetMeasurementSnapshot()).Tags["mesh.hedge.outcome"]);
    }

    private async Task<Task<HttpResponseMessage>> SendTwiceAsync(MeshHost mesh, CancellationToken? cancellation = null)
    {
        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", cancellation ?? Cancellation);
        await Eventually.TrueAsync(() => Volatile.Read(ref _hits) == 1);
        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        await Eventually.TrueAsync(() => Volatile.Read(ref _hits) == 2);
        return sending;
    }

    private static MetricCollector<long> Hedges(MeshHost mesh) =>
        new(mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.hedges");

    private Task<MeshHost> StartAsync(Backend one, Backend two, params (string Key, string? Value)[] more) => RoutedMesh.StartAsync(
        [("catalog", one.Address), ("catalog", two.Address)],
        [("Hedging:Delay", Delay.ToString("c")), ("LoadBalancing:Policy", "RoundRobin"), .. more],
        _clock);

    // Whoever is asked first never answers.
    private Task<Backend> SlowOnceAsync(bool always = false) => Backend.StartAsync(async context =>
    {
        if (Interlocked.Increment(ref _hits) == 1 || always)
        {
            await _first.Task.WaitAsync(context.RequestAborted);
        }

        await context.Response.WriteAsync("second");
    });
}
