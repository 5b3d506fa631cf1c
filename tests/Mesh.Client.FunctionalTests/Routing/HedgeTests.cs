using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A second attempt beside a slow first.</summary>
public sealed class HedgeTests : IAsyncDisposable
{
    // Nothing else waits for so long: a connection is given a second.
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1234);

    private static readonly (string Key, string? Value)[] Hedged =
        [("Hedging:Delay", Delay.ToString("c")), ("LoadBalancing:Policy", "RoundRobin")];

    private readonly TaskCompletionSource _slow = new();
    private readonly RecordingClock _clock = new();
    private int _aborted;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _slow.TrySetResult();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task SlowFirst_IsOvertaken_AndEnded()
    {
        await using Backend slow = await SlowAsync(), fast = await RoutedMesh.NamedAsync("fast");
        await using MeshHost mesh = await StartAsync(slow, fast);
        var requests = new List<HttpRequestMessage>();
        Task<HttpResponseMessage> sending = await SendToSlowAsync(mesh, slow, () =>
        {
            requests.Add(new HttpRequestMessage(HttpMethod.Get, "/"));
            return requests[^1];
        });

        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        using HttpResponseMessage response = await sending;

        Assert.Equal("fast", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Same(requests[^1], response.RequestMessage);
        await Eventually.TrueAsync(() => Volatile.Read(ref _aborted) == 1 && mesh.Service().Active == 0);
        MeshAttempt[] attempts = [.. response.GetMeshCallInfo()!.Attempts];
        Assert.Equal([AttemptResult.Cancelled, AttemptResult.Success], attempts.Select(attempt => attempt.Outcome));
        Assert.Equal([slow.Address, fast.Address], attempts.Select(attempt => attempt.Endpoint));
    }

    [Fact]
    public async Task SlowFirst_ThatAnswersAfterAll_Wins()
    {
        await using Backend slow = await SlowAsync(), other = await SlowAsync();
        await using MeshHost mesh = await StartAsync(slow, other);
        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => slow.Hits + other.Hits == 1);
        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        await Eventually.TrueAsync(() => slow.Hits + other.Hits == 2);

        _slow.SetResult();

        using HttpResponseMessage response = await sending;
        Assert.Equal("slow", await response.Content.ReadAsStringAsync(Cancellation));
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    /// <summary>Each attempt counts once, the one that lost too, whether its answer came before it was ended or not.</summary>
    [Fact]
    public async Task BothUnderWay_EachIsObservedOnce()
    {
        await using Backend one = await SlowAsync(), other = await SlowAsync();
        await using MeshHost mesh = await StartAsync(one, other);
        using var attempts = new MetricCollector<long>(
            mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");
        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => one.Hits + other.Hits == 1);
        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        await Eventually.TrueAsync(() => one.Hits + other.Hits == 2);

        _slow.SetResult();
        (await sending).Dispose();
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);

        // What would count again has come by then: the next call's attempt is the third.
        (await mesh.Client().GetAsync("/", Cancellation)).Dispose();
        Assert.Equal(3, attempts.GetMeasurementSnapshot().Count);
        Assert.All(attempts.GetMeasurementSnapshot(), measured => Assert.Equal(1, measured.Value));
        Assert.All(mesh.Snapshot()!.Endpoints, endpoint => Assert.Equal(0, endpoint.Load.Pending));
    }

    [Fact]
    public async Task FastFirst_IsAlone()
    {
        await using Backend one = await RoutedMesh.NamedAsync("fast"), two = await RoutedMesh.NamedAsync("fast");
        await using MeshHost mesh = await StartAsync(one, two);

        for (int i = 0; i < 20; i++)
        {
            await mesh.AskAsync();
        }

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(20, one.Hits + two.Hits);
        Assert.Equal(0, mesh.Service().Active);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task MethodThatMayNotBeSentTwice_IsNotHedged(string method)
    {
        await using Backend slow = await SlowAsync(), fast = await RoutedMesh.NamedAsync("fast");
        await using MeshHost mesh = await StartAsync(slow, fast);
        Task<HttpResponseMessage> sending = await SendToSlowAsync(mesh, slow, () => new HttpRequestMessage(new HttpMethod(method), "/"));

        _clock.Advance(TimeSpan.FromSeconds(5));
        int before = fast.Hits;
        _slow.SetResult();

        using HttpResponseMessage response = await sending;
        Assert.Equal("slow", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(before, fast.Hits);
        Assert.Equal(1, slow.Hits);
    }

    // The caller's content is read once, whatever is under way.
    [Fact]
    public async Task Content_IsSentByEach()
    {
        await using Backend slow = await SlowAsync(), fast = await RoutedMesh.NamedAsync("fast");
        await using MeshHost mesh = await StartAsync(slow, fast, ("Retry:Methods:0", "PUT"));
        Task<HttpResponseMessage> sending = await SendToSlowAsync(
            mesh,
            slow,
            () => new HttpRequestMessage(HttpMethod.Put, "/") { Content = new StreamContent(new MemoryStream("hello"u8.ToArray())) });

        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        using HttpResponseMessage response = await sending;

        Assert.Equal("fast", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("hello", slow.Bodies[^1]);
        Assert.Equal("hello", fast.Bodies[^1]);
    }

    // A body whose length is not known is not kept, whatever its length turns out to be.
    [Fact]
    public async Task ContentTooLongToKeep_IsSentOnce()
    {
        await using Backend slow = await SlowAsync(), fast = await RoutedMesh.NamedAsync("fast");
        await using MeshHost mesh = await StartAsync(slow, fast, ("Retry:Methods:0", "PUT"));
        string text = new('x', 1_000_000);
        Task<HttpResponseMessage> sending = await SendToSlowAsync(
            mesh, slow, () => new HttpRequestMessage(HttpMethod.Put, "/") { Content = JsonContent.Create(text) });

        _clock.Advance(TimeSpan.FromSeconds(5));
        int before = fast.Hits;
        _slow.SetResult();

        using HttpResponseMessage response = await sending;
        Assert.Equal("slow", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((before, $"\"{text}\""), (fast.Hits, slow.Bodies[^1]));
    }

    [Fact]
    public async Task Budget_CountsHedges()
    {
        await using Backend slow = await SlowAsync(), fast = await RoutedMesh.NamedAsync("fast");
        await using MeshHost mesh = await StartAsync(slow, fast, ("Retry:Budget:Ratio", "0"), ("Retry:Budget:MinPerSecond", "0"));
        Task<HttpResponseMessage> sending = await SendToSlowAsync(mesh, slow, () => new HttpRequestMessage(HttpMethod.Get, "/"));
        int before = fast.Hits;

        _clock.Advance(TimeSpan.FromSeconds(5));
        _slow.SetResult();

        using HttpResponseMessage response = await sending;
        Assert.Equal("slow", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(before, fast.Hits);
    }

    [Fact]
    public async Task FailedFirst_IsFollowedAtOnce()
    {
        await using Backend broken = await Backend.StartAsync(503), fast = await RoutedMesh.NamedAsync("fast");
        await using MeshHost mesh = await StartAsync(broken, fast);

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("fast", await mesh.AskAsync());
        }

        Assert.Equal(4, fast.Hits);
        Assert.NotEqual(0, broken.Hits);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    [Fact]
    public async Task AllFailed_IsRetried_AndTheLastIsTheAnswer()
    {
        await using Backend one = await Backend.StartAsync(503), two = await Backend.StartAsync(503);
        await using MeshHost mesh = await StartAsync(one, two, ("Retry:MaxRetries", "1"));

        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() =>
        {
            // Each has been tried: the schedule waits before it tries one again.
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return sending.IsCompleted;
        });

        using HttpResponseMessage response = await sending;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    [Fact]
    public async Task Caller_WhoCancels_EndsAll()
    {
        await using Backend one = await SlowAsync(), two = await SlowAsync();
        await using MeshHost mesh = await StartAsync(one, two);
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", caller.Token);
        await Eventually.TrueAsync(() => one.Hits + two.Hits == 1);
        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        await Eventually.TrueAsync(() => one.Hits + two.Hits == 2);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await Eventually.TrueAsync(() => Volatile.Read(ref _aborted) == 2 && mesh.Service().Active == 0);
    }

    // Round robin: whichever of the first two calls meets the slow one.
    private static async Task<Task<HttpResponseMessage>> SendToSlowAsync(MeshHost mesh, Backend slow, Func<HttpRequestMessage> make)
    {
        while (true)
        {
            Task<HttpResponseMessage> sending = mesh.Client().SendAsync(make(), Cancellation);
            await Eventually.TrueAsync(() => slow.Hits > 0 || sending.IsCompleted);
            if (slow.Hits > 0)
            {
                return sending;
            }

            (await sending).Dispose();
        }
    }

    private Task<MeshHost> StartAsync(Backend one, Backend two, params (string Key, string? Value)[] more) =>
        RoutedMesh.StartAsync([("catalog", one.Address), ("catalog", two.Address)], [.. Hedged, .. more], _clock);

    private Task<Backend> SlowAsync() => Backend.StartAsync(async context =>
    {
        try
        {
            await _slow.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("slow");
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _aborted);
        }
    });
}
