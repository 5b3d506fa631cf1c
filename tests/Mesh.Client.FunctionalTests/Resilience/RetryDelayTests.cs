using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>When a retry is made. The clock moves only when the test moves it.</summary>
public sealed class RetryDelayTests
{
    private readonly RecordingClock _clock = new();

    [Fact]
    public async Task Get_AnotherEndpointIsLeft_IsRetriedAtOnce()
    {
        await using Backend first = await Backend.StartAsync(503);
        await using Backend second = await Backend.StartAsync(503);
        await using Backend third = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([first.Address, second.Address, third.Address], retries: 2);

        // Whatever the sequence, two failures at most come before the third endpoint; the clock stands still.
        using HttpResponseMessage response = await mesh.GetFromAsync(first.Address);

        IReadOnlyList<MeshAttempt> attempts = response.GetMeshCallInfo()!.Attempts;
        Assert.Equal((200, third.Address), ((int)response.StatusCode, attempts[^1].Endpoint));
        Assert.Equal(attempts.Count, attempts.DistinctBy(attempt => attempt.Endpoint).Count());
    }

    [Fact]
    public async Task Get_BackToAnEndpointThatWasTried_WaitsTheBackoff()
    {
        await using Backend one = await Backend.StartAsync(503);
        await using Backend two = await Backend.StartAsync(503);
        await using MeshHost mesh = await StartAsync([one.Address, two.Address], retries: 2, TimeSpan.FromHours(10));

        // Drawn from so much that it is neither next to nothing nor as long as the others' waits.
        Task<HttpResponseMessage> call = mesh.GetFromAsync(one.Address);
        await Eventually.TrueAsync(() => _clock.Waits.Any(IsBackoff));
        TimeSpan backoff = _clock.Waits.Single(IsBackoff);
        Assert.Equal((1, 1, false), (one.Hits, two.Hits, call.IsCompleted));
        _clock.Advance(backoff);
        using HttpResponseMessage response = await call;

        Assert.Equal((503, 3), ((int)response.StatusCode, one.Hits + two.Hits));
        Assert.Equal(
            [one.Address, two.Address, one.Address], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal(backoff, response.GetMeshCallInfo()!.Duration);
    }

    [Theory]
    [InlineData(503, "2", 2)]
    [InlineData(429, "5", 5)]
    [InlineData(503, "Fri, 02 Jan 2026 03:04:09 GMT", 3)]
    public async Task Get_RetryAfterWithinTheLimit_IsWaited(int status, string retryAfter, int seconds)
    {
        await using Backend bad = await RetryAfterAsync(status, retryAfter);
        await using Backend good = await Backend.StartAsync();

        // The date counts from now: the start moves the clock by a second at the most.
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address]);
        _clock.SetUtcNow(new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero));
        Task<HttpResponseMessage> call = mesh.GetFromAsync(bad.Address);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, good.Hits);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        using HttpResponseMessage response = await call;

        Assert.Equal((200, TimeSpan.FromSeconds(seconds)), ((int)response.StatusCode, response.GetMeshCallInfo()!.Duration));
    }

    [Theory]
    [InlineData("6")]
    [InlineData("31536000")]
    [InlineData("99999999999999999999999")]
    [InlineData("Sat, 02 Jan 2027 03:04:05 GMT")]
    public async Task Get_RetryAfterBeyondTheLimit_IsHandedOver(string retryAfter)
    {
        await using Backend bad = await RetryAfterAsync(503, retryAfter);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address]);

        using HttpResponseMessage response = await mesh.GetFromAsync(bad.Address);

        Assert.Equal((503, 0), ((int)response.StatusCode, good.Hits));
        Assert.Equal("later", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_CancelledDuringTheWait_IsCancelled()
    {
        await using Backend bad = await RetryAfterAsync(503, "4");
        await using MeshHost mesh = await StartAsync([bad.Address]);
        using var caller = new CancellationTokenSource();

        Task<HttpResponseMessage> call = mesh.SendToAsync(bad.Address, HttpMethod.Get, cancellation: caller.Token);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(4));
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal((1, 0), (bad.Hits, mesh.Endpoint(bad.Address).Load.Pending));
    }

    private static bool IsBackoff(TimeSpan wait) =>
        wait > TimeSpan.FromSeconds(5) && wait.TotalMilliseconds % 100 != 0;

    private static Task<Backend> RetryAfterAsync(int status, string retryAfter) => Backend.StartAsync(context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        return context.Response.WriteAsync("later");
    });

    private Task<MeshHost> StartAsync(string[] endpoints, int retries = 1, TimeSpan? backoff = null) => MeshHost.StartCatalogAsync(
        endpoints,
        service => service.Retry = new RetryOptions
        {
            On = ["5xx", "429"],
            MaxRetries = retries,
            MinBackoff = backoff ?? TimeSpan.FromMilliseconds(100),
            MaxBackoff = backoff ?? TimeSpan.FromMilliseconds(200),
        },
        _clock);
}
