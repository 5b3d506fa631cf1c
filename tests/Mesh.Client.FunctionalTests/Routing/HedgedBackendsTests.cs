using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>Hedging over more than one backend, and below gRPC's own retries.</summary>
public sealed class HedgedBackendsTests
{
    // Nothing else waits for so long: a connection is given a second.
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1234);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoBackendsOfOneEndpointEach_TheSecondAttemptTakesTheOther()
    {
        var clock = new RecordingClock();
        var release = new TaskCompletionSource();
        await using Backend one = await SlowAsync(release.Task), two = await SlowAsync(release.Task);
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("one", one.Address), ("two", two.Address)],
            [
                ("Hedging:Delay", Delay.ToString("c")),
                ("Hedging:MaxAttempts", "3"),
                ("Routes:0:Backends:0:Service", "one"),
                ("Routes:0:Backends:1:Service", "two"),
            ],
            clock);
        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => one.Hits + two.Hits == 1);
        await clock.WaitedAsync(Delay);

        clock.Advance(Delay);
        await Eventually.TrueAsync(() => (one.Hits, two.Hits) == (1, 1));

        // Both are tried: a third has nowhere to go.
        await Eventually.TrueAsync(() => clock.Waits.Count(wait => wait == Delay) == 2);
        clock.Advance(Delay);
        release.SetResult();
        using HttpResponseMessage response = await call;
        MeshAttempt[] attempts = [.. response.GetMeshCallInfo()!.Attempts];
        Assert.Equal(
            new[] { one.Address, two.Address }.Order(StringComparer.Ordinal),
            attempts.Select(attempt => attempt.Endpoint).Order(StringComparer.Ordinal));
        Assert.Equal((1, 1), (one.Hits, two.Hits));
        await Eventually.TrueAsync(() => mesh.Service().Active + mesh.Service("one").Active + mesh.Service("two").Active == 0);
    }

    /// <summary>Each attempt of gRPC's is a hedged call of its own, and is paid for as a retry.</summary>
    [Theory]
    [InlineData(100, StatusCode.Unavailable, 2)]
    [InlineData(0, StatusCode.ResourceExhausted, 1)]
    public async Task GrpcsOwnRetryPolicy_RepeatsTheHedgedCall_WithinTheBudget(int reserve, StatusCode status, int repeats)
    {
        int once = await CountAsync(attempts: 1, reserve, StatusCode.Unavailable);

        // Where it is covered: the first, the second at once, and a retry after both.
        Assert.Equal(reserve == 0 ? 1 : 3, once);
        Assert.Equal(repeats * once, await CountAsync(attempts: 2, reserve, status));
    }

    private static async Task<int> CountAsync(int attempts, int reserve, StatusCode status)
    {
        await using ScriptedProbe one = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using ScriptedProbe two = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", one.Address), ("catalog", two.Address)],
            [
                ("Hedging:Delay", "00:01:00"),
                ("Retry:MaxRetries", "1"),
                ("Retry:Methods:0", "POST"),
                ("Retry:Budget:Ratio", "0"),
                ("Retry:Budget:MinPerSecond", $"{reserve}"),
            ]);
        using GrpcChannel channel = mesh.Channel(attempts == 1 ? null : options => options.ServiceConfig = RetryTwice());
        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(status, failure.StatusCode);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
        return one.Calls + two.Calls;
    }

    private static ServiceConfig RetryTwice() => new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 2,
                    InitialBackoff = TimeSpan.FromMilliseconds(1),
                    MaxBackoff = TimeSpan.FromMilliseconds(1),
                    BackoffMultiplier = 1,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            },
        },
    };

    private static Task<Backend> SlowAsync(Task release) => Backend.StartAsync(async context =>
    {
        await release.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync("slow");
    });
}
