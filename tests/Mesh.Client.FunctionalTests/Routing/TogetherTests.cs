using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>What a route does, beside what else it does: one call's time, for all of it.</summary>
public sealed class TogetherTests : IDisposable
{
    private readonly RecordingClock _clock = new();
    private readonly TaskCompletionSource _held = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _held.TrySetResult();

    [Fact]
    public async Task RequestTimeout_EndsTheWaitInALimitsLine()
    {
        await using Backend slow = await SlowAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", slow.Address)],
            [
                ("Limits:MaxRequests", "1"),
                ("Limits:MaxWaiting", "10"),
                ("Routes:0:Match:Path:Prefix", "/hurried"),
                ("Routes:0:Timeouts:Request", "00:00:02"),
                ("Routes:1:Name", "rest"),
            ],
            _clock);
        Task<HttpResponseMessage> first = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        Task<HttpResponseMessage> second = mesh.Client().GetAsync("/hurried", Cancellation);
        Assert.False(second.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(2));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => second);
        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Empty(error.Call!.Attempts);
        _held.SetResult();
        (await first).Dispose();
        Assert.Equal(1, slow.Hits);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);

        // The one who left the line gave its place up.
        Assert.Equal("slow", await mesh.AskAsync());
    }

    [Fact]
    public async Task FaultDelay_CountsAgainstTheRequestTimeout()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address)],
            [("Filters:0:Fault:Delay:Fixed", "00:00:10"), ("Filters:0:Fault:Delay:Ratio", "1"), ("Timeouts:Request", "00:00:02")],
            _clock);
        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => mesh.Service().Active == 1);

        _clock.Advance(TimeSpan.FromSeconds(2));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Equal((0, 0), (now.Hits, mesh.Service().Active));
    }

    [Fact]
    public async Task RequestTimeout_EndsAllAttemptsOfAHedgedCall()
    {
        await using Backend one = await SlowAsync(), two = await SlowAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", one.Address), ("catalog", two.Address)],
            [("Hedging:Delay", "00:00:01.234"), ("Timeouts:Request", "00:00:03"), ("Limits:MaxRequests", "1")],
            _clock);
        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => one.Hits + two.Hits == 1);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(1.234));
        _clock.Advance(TimeSpan.FromSeconds(1.234));
        await Eventually.TrueAsync(() => one.Hits + two.Hits == 2);

        _clock.Advance(TimeSpan.FromSeconds(2));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.Timeout, error.Reason);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);

        // The one slot is free again.
        _held.SetResult();
        Assert.Equal("slow", await mesh.AskAsync());
    }

    private Task<Backend> SlowAsync() => Backend.StartAsync(async context =>
    {
        await _held.Task.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync("slow");
    });
}
