using System.Threading.Channels;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Resilience.Hedging;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>What is slower than most is hedged, as soon as enough was seen to tell. The clock moves only when the test moves it.</summary>
public sealed class HedgePercentileTests
{
    // 100 ms as their bucket has it, to the millisecond: never too low, an eighth too high at most.
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(106);
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(37);

    private readonly Channel<int> _answers = Channel.CreateUnbounded<int>();
    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SlowerThanMost_IsHedgedAtThePercentile_AndNotBefore()
    {
        await using Backend one = await WaitingAsync(), two = await WaitingAsync();
        await using MeshHost mesh = await StartAsync(one.Address);
        await LearnAsync(mesh, one, LatencyWindow.MinSamples);
        await AddAsync(mesh, two);

        Task<HttpResponseMessage> slow = mesh.Client().GetAsync("/", Cancellation);
        await _clock.WaitedAsync(Usual);
        _clock.Advance(Usual - TimeSpan.FromTicks(1));
        int before = one.Hits + two.Hits;
        _clock.Advance(TimeSpan.FromTicks(1));
        await Eventually.TrueAsync(() => one.Hits + two.Hits == LatencyWindow.MinSamples + 2);
        _answers.Writer.TryWrite(0);
        _answers.Writer.TryWrite(0);

        using HttpResponseMessage response = await slow;
        Assert.InRange(before, LatencyWindow.MinSamples, LatencyWindow.MinSamples + 1);
        Assert.Equal(2, response.GetMeshCallInfo()!.Attempts.Count);
    }

    [Fact]
    public async Task TooFewSeen_IsHedgedAfterTheDelay()
    {
        await using Backend one = await WaitingAsync(), two = await WaitingAsync();
        await using MeshHost mesh = await StartAsync(one.Address);
        await LearnAsync(mesh, one, LatencyWindow.MinSamples - 1);
        await AddAsync(mesh, two);

        Task<HttpResponseMessage> slow = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => _clock.Waits.Count(wait => wait == Delay) == LatencyWindow.MinSamples);
        _clock.Advance(Delay);
        await Eventually.TrueAsync(() => one.Hits + two.Hits == LatencyWindow.MinSamples + 1);
        _answers.Writer.TryWrite(0);
        _answers.Writer.TryWrite(0);

        (await slow).Dispose();
        Assert.DoesNotContain(Usual, _clock.Waits);
    }

    // A single endpoint has none to hedge with.
    private async Task LearnAsync(MeshHost mesh, Backend one, int calls)
    {
        for (int i = 1; i <= calls; i++)
        {
            Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
            await Eventually.TrueAsync(() => one.Hits == i);
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            _answers.Writer.TryWrite(0);
            (await call).Dispose();
        }
    }

    private async Task AddAsync(MeshHost mesh, Backend two)
    {
        mesh.Set(("Services:catalog:Endpoints:1:Address", two.Address));
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return mesh.Service().Snapshot.Endpoints.Length == 2;
        });
    }

    private Task<MeshHost> StartAsync(string endpoint) => RoutedMesh.StartAsync(
        [("catalog", endpoint)], [("Hedging:Delay", Delay.ToString("c")), ("Hedging:Percentile", "0.9")], _clock);

    private Task<Backend> WaitingAsync() => Backend.StartAsync(async context =>
    {
        await _answers.Reader.ReadAsync(context.RequestAborted);
        await context.Response.WriteAsync("ok");
    });
}
