using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A route's own retries within its own times, where its service has none. The clock moves only when the test moves it.</summary>
public sealed class RouteRetryTests
{
    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TooManyRequests_IsRetriedElsewhere_AfterItsTime()
    {
        await using Backend busy = await BusyAsync("2"), good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync("429", busy.Address, good.Address);

        Task<HttpResponseMessage> call = mesh.GetFromAsync(busy.Address);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(2));
        _clock.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.Equal(0, good.Hits);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        using HttpResponseMessage response = await call;

        MeshCallInfo info = response.GetMeshCallInfo()!;
        Assert.Equal(("retried", TimeSpan.FromSeconds(2), 1), (info.Route, info.Duration, info.Retries));
        Assert.Equal([(int?)429, 200], info.Attempts.Select(attempt => attempt.Status));
    }

    [Theory]
    [InlineData("429", "4")]
    [InlineData("5xx", "1")]
    public async Task TooManyRequests_BeyondTheRoutesLimitOrNoCondition_IsHandedOver(string condition, string retryAfter)
    {
        await using Backend busy = await BusyAsync(retryAfter), good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(condition, busy.Address, good.Address);

        using HttpResponseMessage response = await mesh.GetFromAsync(busy.Address);

        Assert.Equal((429, 1, 0), ((int)response.StatusCode, busy.Hits, good.Hits));
    }

    // Without a wait: the clock stands still.
    [Fact]
    public async Task Retries_TakeEndpointsNotYetTried()
    {
        await using Backend one = await Backend.StartAsync(503), two = await Backend.StartAsync(503), good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync("5xx", one.Address, two.Address, good.Address);

        foreach (string first in new[] { one.Address, two.Address })
        {
            using HttpResponseMessage response = await mesh.GetFromAsync(first);
            IReadOnlyList<MeshAttempt> attempts = response.GetMeshCallInfo()!.Attempts;
            Assert.Equal((200, good.Address), ((int)response.StatusCode, attempts[^1].Endpoint));
            Assert.Equal(attempts.Count, attempts.DistinctBy(attempt => attempt.Endpoint).Count());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reset_InTheBody_IsToldAndNotRetried(bool chunked)
    {
        byte[] half = Encoding.ASCII.GetBytes(
            "HTTP/1.1 200 OK\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" : "Content-Length: 10\r\n\r\nhello"));
        await using var bad = new RawServer(async (stream, stop) =>
        {
            await RawServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync(half, stop);
        });
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync("reset", bad.Address, good.Address);

        using HttpResponseMessage response = await mesh.GetFromAsync(bad.Address);
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(Cancellation));

        Assert.True(error is HttpRequestException or IOException, error.ToString());
        Assert.Equal((1, 0), (bad.Connections, good.Hits));
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RefusedStream_OfAPost_IsRetriedElsewhere(bool goAway)
    {
        await using var bad = new RawServer(goAway ? RefusingHttp2.GoAwayAsync : RefusingHttp2.ResetAsync);
        await using Backend good = await Backend.StartAsync(protocols: HttpProtocols.Http2);
        await using MeshHost mesh = await StartAsync("refused-stream", bad.Address, good.Address);

        using HttpResponseMessage response = await mesh.SendToAsync(
            bad.Address, HttpMethod.Post, new StringContent("hello"), http2: true);

        Assert.Equal(
            [AttemptResult.Refused, AttemptResult.Success], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(["hello"], good.Bodies);
    }

    [Fact]
    public async Task GoAway_ThatMayHaveProcessedIt_IsNotRetried()
    {
        await using var bad = new RawServer(RefusingHttp2.GoAwayProcessedAsync);
        await using Backend good = await Backend.StartAsync(protocols: HttpProtocols.Http2);
        await using MeshHost mesh = await StartAsync("refused-stream", bad.Address, good.Address);

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendToAsync(bad.Address, HttpMethod.Post, new StringContent("hello"), http2: true));

        Assert.Equal((MeshFailure.Transport, "retried"), (error.Reason, error.Call!.Route));
        Assert.Equal((1, 0), (bad.Connections, good.Hits));
    }

    [Fact]
    public async Task GrpcStatus_OfTrailersOnly_IsRetriedElsewhere_LateOnesAreNot()
    {
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(StatusCode.Unavailable), good = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync("unavailable", bad.Address, good.Address);
        using GrpcChannel channel = mesh.Channel();
        var client = new Probe.ProbeClient(channel);
        CallOptions options = new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf(bad.Address));

        Assert.Equal(good.Address, (await client.WhoAsync(new ProbeRequest(), options)).Name);
        Assert.Equal((1, 1), (bad.Calls, good.Calls));

        using AsyncServerStreamingCall<ProbeReply> late = client.Download(new ProbeRequest { Count = 1 }, options);
        Assert.True(await late.ResponseStream.MoveNext(Cancellation));
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => late.ResponseStream.MoveNext(Cancellation));
        Assert.Equal((StatusCode.Unavailable, "scripted"), (error.StatusCode, error.Status.Detail));
        Assert.Equal((2, 1), (bad.Calls, good.Calls));
    }

    private static Task<Backend> BusyAsync(string retryAfter) => Backend.StartAsync(context =>
    {
        (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, retryAfter);
        return Task.CompletedTask;
    });

    private Task<MeshHost> StartAsync(string condition, params string[] endpoints) => RoutedMesh.StartAsync(
        endpoints.Select(address => ("catalog", address)),
        [
            ("Retry:MaxRetries", "0"),
            ("Routes:0:Name", "retried"),
            ("Routes:0:Retry:MaxRetries", "2"),
            ("Routes:0:Retry:On:0", condition),
            ("Routes:0:Retry:MaxRetryAfter", "00:00:03"),
            ("Routes:0:Timeouts:Request", "00:01:00"),
            ("Routes:0:Timeouts:Attempt", "00:00:20"),
            ("Routes:0:Timeouts:Idle", "00:00:10"),
        ],
        _clock);
}
