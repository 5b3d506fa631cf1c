using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>The time of the whole call, wherever it runs out. The clock moves only when the test moves it.</summary>
public sealed class RequestTimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_NoEndpointToBeHad_EndsTheWait()
    {
        await using MeshHost mesh = await StartAsync(DeadPort.TakeAddress());

        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(3));
        _clock.Advance(Limit);

        await FailsAsync(call);
    }

    [Fact]
    public async Task Get_InBackoff_EndsTheWait()
    {
        await using Backend busy = await Backend.StartAsync(context =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (503, "4");
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await StartAsync(busy.Address);

        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(4));
        _clock.Advance(Limit);
        MeshException error = await FailsAsync(call);

        Assert.Equal((AttemptResult.HttpStatus, 503), (error.Call!.Attempts.Single().Outcome, error.Call.Attempts[0].Status));
        Assert.Equal((1, 0), (busy.Hits, mesh.Service().Active));
    }

    [Fact]
    public async Task Get_SlowHead_IsNotRetried()
    {
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(slow.Address, good.Address);

        Task<HttpResponseMessage> call = mesh.GetFromAsync(slow.Address);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        _clock.Advance(Limit);
        MeshException error = await FailsAsync(call);

        Assert.Equal((AttemptResult.Timeout, 0), (error.Call!.Attempts.Single().Outcome, good.Hits));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Get_SlowBody_FailsReadsAndEndsTheExchange(bool http2, bool isReading)
    {
        var left = new TaskCompletionSource();
        await using Backend stalling = await Backend.StartAsync(
            async context =>
            {
                context.RequestAborted.Register(left.SetResult);
                await context.Response.WriteAsync("part", Cancellation);
                await context.Response.Body.FlushAsync(Cancellation);
                await TimedMesh.SilentAsync(context);
            },
            http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using MeshHost mesh = await StartAsync(stalling.Address);

        using HttpResponseMessage response = await mesh.SendToAsync(stalling.Address, HttpMethod.Get, http2: http2);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        byte[] buffer = new byte[100];
        Assert.Equal(4, await body.ReadAsync(buffer, Cancellation));
        Task<int>? pending = isReading ? body.ReadAsync(buffer, Cancellation).AsTask() : null;
        _clock.Advance(Limit);
        if (pending is not null)
        {
            await FailsAsync(pending);
        }

        await FailsAsync(body.ReadAsync(buffer, Cancellation).AsTask());
        await FailsAsync(Task.Run(() => body.Read(buffer), Cancellation));
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal(AttemptResult.Timeout, response.GetMeshCallInfo()!.Attempts.Single().Outcome);
        Assert.Equal((0, 0), (mesh.Endpoint(stalling.Address).Load.Pending, mesh.Service().Active));
    }

    [Fact]
    public async Task Get_BodyNotBegunToBeRead_TellsSo()
    {
        await using Backend stalling = await Backend.StartAsync(async context =>
        {
            await context.Response.Body.FlushAsync(Cancellation);
            await TimedMesh.SilentAsync(context);
        });
        await using MeshHost mesh = await StartAsync(stalling.Address);

        using HttpResponseMessage response = await mesh.GetFromAsync(stalling.Address);
        _clock.Advance(Limit);

        await FailsAsync(response.Content.ReadAsStreamAsync(Cancellation));
    }

    [Fact]
    public async Task Get_BodyReadInTime_IsWhole()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(good.Address);

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
    public async Task Get_ReaderCancels_IsNoTimeout()
    {
        await using Backend stalling = await Backend.StartAsync(async context =>
        {
            await context.Response.Body.FlushAsync(Cancellation);
            await TimedMesh.SilentAsync(context);
        });
        await using MeshHost mesh = await StartAsync(stalling.Address);
        using var reader = new CancellationTokenSource();

        using HttpResponseMessage response = await mesh.GetFromAsync(stalling.Address);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        Task<int> pending = body.ReadAsync(new byte[1], reader.Token).AsTask();
        await reader.CancelAsync();

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        Assert.Equal(reader.Token, error.CancellationToken);
        Assert.Equal(AttemptResult.Cancelled, response.GetMeshCallInfo()!.Attempts.Single().Outcome);
    }

    [Fact]
    public async Task Download_Stalls_IsDeadlineExceeded()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        probe.Hold = new TaskCompletionSource().Task;
        await using MeshHost mesh = await StartAsync(probe.Address);
        using GrpcChannel channel = mesh.Channel();

        using AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest { Count = 1 }, cancellationToken: Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        Task<bool> next = call.ResponseStream.MoveNext(Cancellation);
        _clock.Advance(Limit);
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => next);

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Contains("request timeout of 2 s", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, mesh.Endpoint(probe.Address).Load.Pending);
    }

    [Fact]
    public async Task Get_TimeThatCannotBegin_LeavesNothingCounted()
    {
        var clock = new BreakableClock();
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await TimedMesh.StartAsync(clock, new TimeoutPolicy(Request: Limit), [good.Address]);

        clock.IsBroken = true;
        await Assert.ThrowsAsync<NotSupportedException>(() => mesh.Client().GetAsync("/", Cancellation));
        clock.IsBroken = false;

        Assert.Equal(0, mesh.Service().Active);
    }

    private static async Task<MeshException> FailsAsync(Task call)
    {
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Contains("request timeout of 2 s", error.Message, StringComparison.Ordinal);
        return error;
    }

    private Task<MeshHost> StartAsync(params string[] endpoints) => TimedMesh.StartAsync(
        _clock, new TimeoutPolicy(Request: Limit), endpoints, new RetryOptions { On = ["reset", "5xx"], MaxRetries = 1 });

    /// <summary>Makes no timer while it is broken.</summary>
    private sealed class BreakableClock : FakeTimeProvider
    {
        private volatile bool _isBroken;

        public bool IsBroken { get => _isBroken; set => _isBroken = value; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            IsBroken ? throw new NotSupportedException() : base.CreateTimer(callback, state, dueTime, period);
    }
}
