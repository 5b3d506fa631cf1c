using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;
using Microsoft.AspNetCore.Http;
using static Mesh.Client.FunctionalTests.Telemetry.CallTraceTests;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>The spans of a call that has two attempts under way.</summary>
[Collection(nameof(Alone))]
public sealed class HedgeTraceTests
{
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
        Task<HttpResponseMessage> sending = await SendTwiceAsync(mesh, caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        AssertTags(await trace.CallAsync(), ("error.type", "cancelled"));
        await Eventually.TrueAsync(() => trace.Attempts.Length == 2);
        Assert.All(trace.Attempts, attempt => AssertTags(attempt, ("error.type", "cancelled"), ("mesh.hedge.outcome", null)));
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

    private Task<MeshHost> StartAsync(Backend one, Backend two) => RoutedMesh.StartAsync(
        [("catalog", one.Address), ("catalog", two.Address)],
        [("Hedging:Delay", Delay.ToString("c")), ("LoadBalancing:Policy", "RoundRobin")],
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
