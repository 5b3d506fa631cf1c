using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Runtime;

namespace Mesh.Client.FunctionalTests.Grpc;

/// <summary>What failure accrual learns of gRPC calls, and when. Two endpoints, since half at the most may be shut.</summary>
public sealed class GrpcHealthTests : IAsyncLifetime
{
    private ScriptedProbe _probe = null!;
    private ScriptedProbe _other = null!;
    private MeshHost _mesh = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Probe.ProbeClient Client => new(_channel);

    private CallOptions ToProbe => new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(_mesh.KeyOf(_probe.Address));

    private EndpointRuntime Endpoint => _mesh.Endpoint(_probe.Address);

    public async ValueTask InitializeAsync()
    {
        _probe = await ScriptedProbe.StartAsync();
        _other = await ScriptedProbe.StartAsync();

        // The clock stands still, so a penalty does not end.
        _mesh = await MeshHost.StartCatalogAsync(
            [_probe.Address, _other.Address], service => service.Retry = new RetryOptions { MaxRetries = 0 }, new RecordingClock());
        _channel = _mesh.Channel();
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _mesh.DisposeAsync();
        await _other.DisposeAsync();
        await _probe.DisposeAsync();
    }

    [Theory]
    [InlineData(StatusCode.Internal, true)]
    [InlineData(StatusCode.Unknown, true)]
    [InlineData(StatusCode.Unavailable, true)]
    [InlineData(StatusCode.DataLoss, true)]
    [InlineData(StatusCode.NotFound, false)]
    [InlineData(StatusCode.ResourceExhausted, false)]
    public async Task Download_StatusInTrailersSevenTimes_ShutsOnlyForFailures(StatusCode status, bool shut)
    {
        for (int i = 0; i < 7; i++)
        {
            Assert.False(Endpoint.IsEjected);
            Assert.Equal((3, status), await DownloadAsync(3, status));
        }

        await Eventually.TrueAsync(() => Endpoint.Load.Pending == 0);
        Assert.Equal(shut, Endpoint.IsEjected);
    }

    [Fact]
    public async Task Unary_TrailersOnlySevenTimes_Shuts()
    {
        for (int i = 0; i < 7; i++)
        {
            Assert.False(Endpoint.IsEjected);
            await Assert.ThrowsAsync<RpcException>(() => Client.WhoAsync(Failing(), ToProbe).ResponseAsync);
        }

        Assert.True(Endpoint.IsEjected);
        Assert.Equal(_other.Address, (await Client.WhoAsync(new ProbeRequest(), ToProbe)).Name);
    }

    [Fact]
    public async Task Download_OkInTrailers_ResetsTheCount()
    {
        for (int i = 0; i < 20; i++)
        {
            await DownloadAsync(1, i % 7 == 6 ? StatusCode.OK : StatusCode.Internal);
        }

        Assert.False(Endpoint.IsEjected);
        Assert.Equal(20, _probe.Calls);
    }

    [Fact]
    public async Task Download_CancelledSevenTimes_DoesNotCount()
    {
        _probe.Hold = new TaskCompletionSource().Task;
        for (int i = 0; i < 8; i++)
        {
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            using AsyncServerStreamingCall<ProbeReply> call = Client.Download(
                new ProbeRequest { Count = 1 }, ToProbe.WithCancellationToken(caller.Token));
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            await caller.CancelAsync();
            RpcException failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));
            Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        }

        await Eventually.TrueAsync(() => Endpoint.Load.Pending == 0);
        Assert.False(Endpoint.IsEjected);
    }

    [Fact]
    public async Task Unary_Deadline_IsGrpcsOwnStatusAndLeavesNothingPending()
    {
        _probe.Hold = new TaskCompletionSource().Task;

        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            () => Client.WhoAsync(new ProbeRequest(), ToProbe.WithDeadline(DateTime.UtcNow.AddMilliseconds(300))).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        await Eventually.TrueAsync(() => Endpoint.Load.Pending == 0);
    }

    [Fact]
    public async Task Unary_Cancelled_IsCancelledAndLeavesNothingPending()
    {
        _probe.Hold = new TaskCompletionSource().Task;
        using var caller = new CancellationTokenSource();
        using AsyncUnaryCall<ProbeReply> call = Client.WhoAsync(new ProbeRequest(), ToProbe.WithCancellationToken(caller.Token));
        await Eventually.TrueAsync(() => _probe.Calls == 1);

        await caller.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        await Eventually.TrueAsync(() => Endpoint.Load.Pending == 0);
    }

    [Fact]
    public async Task Chat_ManyMessages_GoBothWaysBeforeTheEnd()
    {
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> call = Client.Chat(ToProbe);
        for (int i = 0; i < 20; i++)
        {
            await call.RequestStream.WriteAsync(new ProbeRequest { Key = $"{i}" }, Cancellation);
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            Assert.Equal((_probe.Address, $"{i}"), (call.ResponseStream.Current.Name, call.ResponseStream.Current.Key));
            Assert.Equal(1, Endpoint.Load.Pending);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(0, Endpoint.Load.Pending);
    }

    private static ProbeRequest Failing() => new() { Status = (int)StatusCode.Internal };

    private async Task<(int Messages, StatusCode Status)> DownloadAsync(int messages, StatusCode status)
    {
        using AsyncServerStreamingCall<ProbeReply> call = Client.Download(
            new ProbeRequest { Count = messages, Status = (int)status }, ToProbe);
        int read = 0;
        try
        {
            while (await call.ResponseStream.MoveNext(Cancellation))
            {
                read++;
            }
        }
        catch (RpcException e)
        {
            Assert.Equal(status, e.StatusCode);
        }

        return (read, call.GetStatus().StatusCode);
    }
}
