using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;
using Mesh.Client.Model.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>Attempts that take too long to their response head. The clock moves only when the test moves it.</summary>
public sealed class AttemptTimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Get_SlowHead_IsRetriedElsewhere(bool http2)
    {
        HttpProtocols protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync, protocols);
        await using Backend good = await Backend.StartAsync(protocols: protocols);
        await using MeshHost mesh = await StartAsync(new(Attempt: Limit), slow.Address, good.Address);

        Task<HttpResponseMessage> call = mesh.SendToAsync(slow.Address, HttpMethod.Get, http2: http2);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        using HttpResponseMessage response = await call;

        IReadOnlyList<MeshAttempt> attempts = response.GetMeshCallInfo()!.Attempts;
        Assert.Equal(
            [(slow.Address, AttemptResult.Timeout, Limit), (good.Address, AttemptResult.Success, TimeSpan.Zero)],
            attempts.Select(attempt => (attempt.Endpoint, attempt.Outcome, attempt.Duration)));
        Assert.Equal("no response head within the attempt timeout of 2 s", attempts[0].Error);
        Assert.Equal("ok", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(0, mesh.Endpoint(slow.Address).Load.Pending);
    }

    [Fact]
    public async Task Post_SlowHead_FailsWithWhatRanOut()
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(new(Attempt: Limit), slow.Address, good.Address);

        Task<HttpResponseMessage> call = mesh.SendToAsync(slow.Address, HttpMethod.Post, new StringContent("once"));
        await Eventually.TrueAsync(() => slow.Hits == 1);
        _clock.Advance(Limit);
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal((MeshFailure.Timeout, 0), (error.Reason, good.Hits));
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Contains("catalog", error.Message, StringComparison.Ordinal);
        Assert.Contains("attempt timeout of 2 s (route default)", error.Message, StringComparison.Ordinal);
        Assert.Contains(slow.Address, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_ManyTimeouts_ShutTheEndpoint()
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync);
        await using Backend other = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(new(Attempt: Limit), slow.Address, other.Address);
        for (int i = 1; i <= 7; i++)
        {
            Task<HttpResponseMessage> call = mesh.SendToAsync(slow.Address, HttpMethod.Post, new StringContent("once"));
            await Eventually.TrueAsync(() => slow.Hits == i);
            Assert.False(mesh.Endpoint(slow.Address).IsEjected);
            _clock.Advance(Limit);
            await Assert.ThrowsAsync<MeshException>(() => call);
        }

        Assert.True(mesh.Endpoint(slow.Address).IsEjected);
    }

    [Fact]
    public async Task Get_CallerCancels_IsNoTimeout()
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync);
        await using MeshHost mesh = await StartAsync(new(Attempt: Limit, Request: Limit * 2), slow.Address);
        using var caller = new CancellationTokenSource();

        using HttpMessageInvoker invoker = mesh.Invoker();
        using var request = new HttpRequestMessage(HttpMethod.Get, MeshHost.CatalogUri);
        Task<HttpResponseMessage> call = invoker.SendAsync(request, caller.Token);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        await caller.CancelAsync();

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, error.CancellationToken);
        Assert.Equal((1, 0), (slow.Hits, mesh.Endpoint(slow.Address).Load.Pending));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Get_LongBody_IsNotCut(bool http2)
    {
        var go = new TaskCompletionSource();
        await using Backend streaming = await Backend.StartAsync(
            async context =>
            {
                await context.Response.WriteAsync("first");
                await context.Response.Body.FlushAsync();
                await go.Task;
                await context.Response.WriteAsync(" last");
            },
            http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using MeshHost mesh = await StartAsync(new(Attempt: Limit, ResponseHead: Limit), streaming.Address);

        using HttpResponseMessage response = await mesh.SendToAsync(streaming.Address, HttpMethod.Get, http2: http2);
        Task<string> body = response.Content.ReadAsStringAsync(Cancellation);
        _clock.Advance(TimeSpan.FromHours(1));
        go.SetResult();

        Assert.Equal("first last", await body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_ResponseHead_CountsFromTheLastByteSent(bool http2)
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync, http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using MeshHost mesh = await StartAsync(new(ResponseHead: Limit), slow.Address);
        using var content = new GatedContent();

        Task<HttpResponseMessage> call = mesh.SendToAsync(slow.Address, HttpMethod.Post, content, http2: http2);
        await content.Began;
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(call.IsCompleted);
        content.Finish();
        await Eventually.TrueAsync(() => slow.Hits == 1 && content.IsSent);
        await AdvanceUntilAsync(call);
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Contains("response head timeout of 2 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(AttemptResult.Timeout, error.Call!.Attempts.Single().Outcome);
    }

    // The tee that copies the content for the mirror is what is sent, and the content inside is still watched.
    [Fact]
    public async Task Post_ResponseHeadOfAMirroredCall_CountsFromTheLastByteSent()
    {
        await using Backend good = await Backend.StartAsync(), shadow = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", good.Address), ("shadow", shadow.Address)],
            [("Filters:0:Mirror:Service", "shadow"), ("Filters:0:Mirror:Ratio", "1"), ("Timeouts:ResponseHead", "00:00:02")],
            _clock);
        using var content = new GatedContent();

        Task<HttpResponseMessage> call = mesh.Client().PostAsync("/", content, Cancellation);
        await content.Began;
        _clock.Advance(TimeSpan.FromHours(1));
        content.Finish();
        using HttpResponseMessage response = await call;

        Assert.Equal((HttpStatusCode.OK, "firstlast"), (response.StatusCode, good.Bodies.Single()));
        await Eventually.TrueAsync(() => shadow.Hits == 1);
    }

    // What the content then writes to is gone, which is not the content's own failure, nor anybody's cancellation.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_TimeRunsOutWhileTheContentIsSent_IsATimeout(bool ofTheCall)
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync);
        await using MeshHost mesh = await StartAsync(ofTheCall ? new(Request: Limit) : new(Attempt: Limit), slow.Address);
        using var content = new GatedContent();

        Task<HttpResponseMessage> call = mesh.SendToAsync(slow.Address, HttpMethod.Post, content);
        await content.Began;
        _clock.Advance(Limit);
        content.Finish();
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal((MeshFailure.Timeout, AttemptResult.Timeout), (error.Reason, error.Call!.Attempts.Single().Outcome));
        Assert.Equal((0, 0), (mesh.Service().Active, mesh.Endpoint(slow.Address).Load.Pending));
    }

    [Theory]
    [InlineData("string")]
    [InlineData("none")]
    public async Task Send_ResponseHead_CountsForPlainContentsToo(string kind)
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(new(ResponseHead: Limit), slow.Address, good.Address);

        StringContent? content = kind is "none" ? null : new StringContent("again");
        Task<HttpResponseMessage> call = mesh.SendToAsync(slow.Address, HttpMethod.Put, content);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        await AdvanceUntilAsync(call);
        using HttpResponseMessage response = await call;

        Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, good.Hits));
        Assert.Equal(content is null ? "" : "again", good.Bodies.Single());
    }

    [Fact]
    public async Task Unary_SlowHead_IsDeadlineExceeded()
    {
        await using ScriptedProbe slow = await ScriptedProbe.StartAsync();
        slow.Hold = new TaskCompletionSource().Task;
        await using MeshHost mesh = await StartAsync(new(Attempt: Limit), slow.Address);
        using GrpcChannel channel = mesh.Channel();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), cancellationToken: Cancellation);
        await Eventually.TrueAsync(() => slow.Calls == 1);
        _clock.Advance(Limit);
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Contains("attempt timeout of 2 s", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(slow.Address, error.Status.Detail, StringComparison.Ordinal);
    }

    private Task AdvanceUntilAsync(Task call) => Eventually.TrueAsync(() =>
    {
        _clock.Advance(Limit / 4);
        return call.IsCompleted;
    });

    private Task<MeshHost> StartAsync(TimeoutPolicy timeouts, params string[] endpoints) =>
        TimedMesh.StartAsync(
            _clock, timeouts, endpoints, new RetryOptions { On = ["reset"], Methods = ["GET", "PUT"], MaxRetries = 1 });
}
