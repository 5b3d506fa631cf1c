using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model.Routes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>Responses that take too long to their end, counted from the request. The clock moves only when the test moves it.</summary>
public sealed class ResponseTimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Half = Limit / 2;

    private readonly RecordingClock _clock = new();
    private readonly TaskCompletionSource _head = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The head takes half of the time, so that the body has the other half.
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Get_SlowBody_EndsItAndIsNotRetried(bool http2, bool isReading)
    {
        var left = new TaskCompletionSource();
        await using Backend stalling = await Backend.StartAsync(
            async context =>
            {
                context.RequestAborted.Register(left.SetResult);
                await _head.Task;
                await StallAsync(context);
            },
            Protocols(http2));
        await using Backend good = await Backend.StartAsync(protocols: Protocols(http2));
        await using MeshHost mesh = await StartAsync(new(Response: Limit), stalling.Address, good.Address);

        Task<HttpResponseMessage> call = mesh.SendToAsync(stalling.Address, HttpMethod.Get, http2: http2);
        await Eventually.TrueAsync(() => stalling.Hits == 1);
        _clock.Advance(Half);
        _head.SetResult();
        using HttpResponseMessage response = await call;
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        byte[] buffer = new byte[100];
        Assert.Equal(4, await body.ReadAsync(buffer, Cancellation));
        Task<int>? pending = isReading ? body.ReadAsync(buffer, Cancellation).AsTask() : null;
        _clock.Advance(Half - TimeSpan.FromMilliseconds(1));
        Assert.False(left.Task.IsCompleted || pending?.IsCompleted == true);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        if (pending is not null)
        {
            await FailsAsync(pending);
        }

        await FailsAsync(body.ReadAsync(buffer, Cancellation).AsTask());
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal(AttemptResult.Timeout, response.GetMeshCallInfo()!.Attempts.Single().Outcome);
        Assert.Equal((0, 0, 0), (good.Hits, mesh.Endpoint(stalling.Address).Load.Pending, mesh.Service().Active));
    }

    // The retry has the whole time again.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Get_SlowHead_IsRetriedWithItsOwnTime(bool http2)
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync, Protocols(http2));
        await using Backend next = await Backend.StartAsync(StallAsync, Protocols(http2));
        await using MeshHost mesh = await StartAsync(new(Response: Limit), slow.Address, next.Address);

        Task<HttpResponseMessage> call = mesh.SendToAsync(slow.Address, HttpMethod.Get, http2: http2);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        _clock.Advance(Limit);
        using HttpResponseMessage response = await call;
        IReadOnlyList<MeshAttempt> attempts = response.GetMeshCallInfo()!.Attempts;
        Task<string> body = response.Content.ReadAsStringAsync(Cancellation);
        _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(body.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([slow.Address, next.Address], attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal("no whole response within the response timeout of 2 s after the request was sent", attempts[0].Error);
        await FailsAsync(body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_Upload_IsNotCutAndCountsFromItsEnd(bool http2)
    {
        await using Backend stalling = await Backend.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, Cancellation);
                await StallAsync(context);
            },
            Protocols(http2));
        await using MeshHost mesh = await StartAsync(new(Response: Limit), stalling.Address);
        using var content = new GatedContent();

        Task<HttpResponseMessage> call = mesh.SendToAsync(stalling.Address, HttpMethod.Post, content, http2: http2);
        await content.Began;
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(call.IsCompleted);
        content.Finish();
        using HttpResponseMessage response = await call;
        Task<string> body = response.Content.ReadAsStringAsync(Cancellation);
        _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(body.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await FailsAsync(body);
    }

    // The head is there before the request is out: the response's time begins with it, and the request's end changes nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_AnsweredWhileItUploads_CountsFromItsHead(bool endsMeanwhile)
    {
        await using InProcessServer stalling = await InProcessServer.StartAsync(
            null, app => app.Run(StallAsync), protocols: HttpProtocols.Http2);
        await using MeshHost mesh = await StartAsync(new(Response: Limit), stalling.Address.Authority);
        using var content = new GatedContent();

        Task<HttpResponseMessage> call = mesh.SendToAsync(stalling.Address.Authority, HttpMethod.Post, content, http2: true);
        await content.Began;
        using HttpResponseMessage response = await call;
        Task<string> body = response.Content.ReadAsStringAsync(Cancellation);
        _clock.Advance(Half);
        if (endsMeanwhile)
        {
            content.Finish();
            await Eventually.TrueAsync(() => content.IsSent);
        }

        _clock.Advance(Half - TimeSpan.FromMilliseconds(1));
        Assert.False(body.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await FailsAsync(body);
        if (!endsMeanwhile)
        {
            content.Finish();
        }
    }

    // In eighths of the limit. The response's time begins once the upload is over, the request's before it.
    [Theory]
    [InlineData(0, 12, 12, 8, "response timeout of 2 s")]
    [InlineData(0, 12, 2, 6, "idle timeout of 0.5 s")]
    [InlineData(4, 9, 12, 9, "request timeout of 2.25 s")]
    public async Task Read_ShorterIdleOrRequest_TellsWhichRanOut(int upload, int request, int idle, int due, string words)
    {
        TimeSpan part = Limit / 8;
        await using Backend stalling = await Backend.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Cancellation);
            await StallAsync(context);
        });
        await using MeshHost mesh = await StartAsync(
            new(Request: part * request, Response: Limit, Idle: part * idle), stalling.Address);
        using var content = new GatedContent();

        Task<HttpResponseMessage> call = mesh.SendToAsync(stalling.Address, HttpMethod.Post, content);
        await content.Began;
        _clock.Advance(part * upload);
        content.Finish();
        using HttpResponseMessage response = await call;
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        byte[] buffer = new byte[100];
        Assert.Equal(4, await body.ReadAsync(buffer, Cancellation));
        _clock.Advance(Half);
        Task<int> pending = body.ReadAsync(buffer, Cancellation).AsTask();
        _clock.Advance((part * (due - upload)) - Half - TimeSpan.FromMilliseconds(1));
        Assert.False(pending.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await FailsAsync(pending, words);
    }

    [Fact]
    public async Task Get_ReadInTime_IsWhole()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(new(Response: Limit), good.Address);

        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await mesh.GetFromAsync(good.Address);
            _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
            Assert.Equal("ok", await response.Content.ReadAsStringAsync(Cancellation));
            _clock.Advance(Limit);
            Assert.Equal(AttemptResult.Success, response.GetMeshCallInfo()!.Attempts.Single().Outcome);
        }
    }

    [Fact]
    public async Task Unary_SlowMessage_IsDeadlineExceeded()
    {
        await using Backend stalling = await Backend.StartAsync(
            async context =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.FlushAsync(Cancellation);
                await TimedMesh.SilentAsync(context);
            },
            HttpProtocols.Http2);
        await using MeshHost mesh = await StartAsync(new(Response: Limit), stalling.Address);
        using GrpcChannel channel = mesh.Channel();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), cancellationToken: Cancellation);
        await call.ResponseHeadersAsync;
        _clock.Advance(Limit);

        await IsLateAsync(call.ResponseAsync);
        Assert.Equal(1, stalling.Hits);
    }

    [Fact]
    public async Task Unary_SlowHead_IsRetried()
    {
        await using ScriptedProbe slow = await ScriptedProbe.StartAsync(), good = await ScriptedProbe.StartAsync();
        slow.Hold = new TaskCompletionSource().Task;
        await using MeshHost mesh = await TimedMesh.StartAsync(
            _clock,
            new(Response: Limit),
            [slow.Address, good.Address],
            new RetryOptions { On = ["reset"], Methods = ["POST"], MaxRetries = 1 });
        using GrpcChannel channel = mesh.Channel();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf(slow.Address)));
        await Eventually.TrueAsync(() => slow.Calls == 1);
        _clock.Advance(Limit);

        Assert.Equal(good.Address, (await call.ResponseAsync).Name);
    }

    [Fact]
    public async Task Download_Stalls_IsDeadlineExceeded()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        probe.Hold = new TaskCompletionSource().Task;
        await using MeshHost mesh = await StartAsync(new(Response: Limit), probe.Address);
        using GrpcChannel channel = mesh.Channel();

        using AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest { Count = 1 }, cancellationToken: Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        Task<bool> next = call.ResponseStream.MoveNext(Cancellation);
        _clock.Advance(Limit);

        await IsLateAsync(next);
        Assert.Equal(0, mesh.Endpoint(probe.Address).Load.Pending);
    }

    private static async Task StallAsync(HttpContext context)
    {
        await context.Response.WriteAsync("part", Cancellation);
        await context.Response.Body.FlushAsync(Cancellation);
        await TimedMesh.SilentAsync(context);
    }

    private static HttpProtocols Protocols(bool http2) => http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;

    private static async Task FailsAsync(Task call, string words = "response timeout of 2 s")
    {
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    private static async Task IsLateAsync(Task call)
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Contains("response timeout of 2 s", error.Status.Detail, StringComparison.Ordinal);
    }

    private Task<MeshHost> StartAsync(TimeoutPolicy timeouts, params string[] endpoints) => TimedMesh.StartAsync(
        _clock, timeouts, endpoints, new RetryOptions { On = ["reset"], Methods = ["GET"], MaxRetries = 1 });
}
