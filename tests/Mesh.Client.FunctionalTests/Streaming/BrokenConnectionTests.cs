using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>
/// What a gRPC caller is told of a connection that ends, at whatever moment: Unavailable, never Internal. What a peer says of one stream
/// means what gRPC says.
/// </summary>
public sealed class BrokenConnectionTests
{
    private readonly TestCa _ca = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<bool, string> Ends => new MatrixTheoryData<bool, string>(
        [false, true], ["close", "GOAWAY, close", "GOAWAY of the stream, close", "GOAWAY below the stream", "GOAWAY with an error, close"]);

    public static TheoryData<bool, string, uint, StatusCode> Resets => new()
    {
        { false, "message", Http2Peer.InternalError, StatusCode.Internal },
        { true, "message", Http2Peer.InternalError, StatusCode.Internal },
        { false, "message", Http2Peer.NoError, StatusCode.Internal },
        { false, "message", Http2Peer.Cancel, StatusCode.Cancelled },
        { false, "message", Http2Peer.RefusedStream, StatusCode.Unavailable },
        { false, "head", Http2Peer.InternalError, StatusCode.Internal },
        { true, "head", Http2Peer.InternalError, StatusCode.Internal },
        { false, "head", Http2Peer.Cancel, StatusCode.Cancelled },
        { false, "head", Http2Peer.RefusedStream, StatusCode.Unavailable },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task ServerStream_AfterAMessage_IsUnavailable(bool tls, string how)
    {
        await using Http2Server server = Start(tls, async (peer, id) =>
        {
            await peer.MessageAsync(id);
            await _read.Task;
            await EndAsync(peer, id, how);
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port]);
        using GrpcChannel channel = mesh.Channel();
        using AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest(), cancellationToken: Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        _read.SetResult();

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.True(error.StatusCode is StatusCode.Unavailable, $"{error}");
        await mesh.IdleAsync();
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task ServerStream_BeforeTheHead_IsUnavailable(bool tls, string how)
    {
        await using Http2Server server = Start(tls, (peer, id) => EndAsync(peer, id, how));
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port], NoRetry);
        using GrpcChannel channel = mesh.Channel();
        using AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest(), cancellationToken: Cancellation);

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.True(error.StatusCode is StatusCode.Unavailable, $"{error}");
        await mesh.IdleAsync();
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task ClientStream_WhileItWrites_IsUnavailable(bool tls, string how)
    {
        await using Http2Server server = Start(tls, async (peer, id) =>
        {
            await peer.ContentAsync(id, toItsEnd: false);
            await EndAsync(peer, id, how);
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port]);
        using GrpcChannel channel = mesh.Channel();
        using AsyncClientStreamingCall<ProbeRequest, ProbeReply> call =
            new Probe.ProbeClient(channel).Upload(cancellationToken: Cancellation);

        RpcException write = await Assert.ThrowsAsync<RpcException>(() => WriteAsync(call.RequestStream));
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.True(error.StatusCode is StatusCode.Unavailable, $"{error}");
        Assert.True(write.StatusCode is StatusCode.Unavailable, $"{write}");
        await mesh.IdleAsync();
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Duplex_WhileItWritesAndNobodyReads_IsUnavailable(bool tls, string how)
    {
        await using Http2Server server = Start(tls, async (peer, id) =>
        {
            await peer.MessageAsync(id);
            await peer.ContentAsync(id, toItsEnd: false);
            await _read.Task;
            await EndAsync(peer, id, how);
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port]);
        using GrpcChannel channel = mesh.Channel();
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> call =
            new Probe.ProbeClient(channel).Chat(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new ProbeRequest(), Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        _read.SetResult();

        RpcException write = await Assert.ThrowsAsync<RpcException>(() => WriteAsync(call.RequestStream));
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.True(error.StatusCode is StatusCode.Unavailable, $"{error}");
        Assert.True(write.StatusCode is StatusCode.Unavailable, $"{write}");
        await mesh.IdleAsync();
    }

    [Theory]
    [MemberData(nameof(Resets))]
    public async Task ServerStream_ResetByThePeer_IsWhatGrpcSays(bool tls, string after, uint code, StatusCode expected)
    {
        await using Http2Server server = Start(tls, async (peer, id) =>
        {
            if (after == "message")
            {
                await peer.MessageAsync(id);
                await _read.Task;
            }

            // The handler tries a refused stream again by itself.
            while (true)
            {
                await peer.ResetAsync(id, code);
                id = await peer.RequestAsync();
            }
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port], NoRetry);
        using GrpcChannel channel = mesh.Channel();
        using AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest(), cancellationToken: Cancellation);
        if (after == "message")
        {
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            _read.SetResult();
        }

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.True(error.StatusCode == expected, $"{error}");
        await mesh.IdleAsync();
    }

    private static void NoRetry(MeshServiceOptions catalog) => catalog.Retry = new RetryOptions { MaxRetries = 0 };

    private static async Task WriteAsync(IClientStreamWriter<ProbeRequest> stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!limit.IsCancellationRequested)
        {
            await stream.WriteAsync(new ProbeRequest { Key = "a" }, limit.Token);
            await Task.Yield();
        }
    }

    private static async Task EndAsync(Http2Peer peer, uint id, string how)
    {
        switch (how)
        {
            case "GOAWAY, close":
                await peer.GoAwayAsync(int.MaxValue);
                break;
            case "GOAWAY of the stream, close":
                await peer.GoAwayAsync(id);
                break;
            case "GOAWAY below the stream":
                await peer.GoAwayAsync(0);
                await peer.DrainAsync();
                break;
            case "GOAWAY with an error, close":
                await peer.GoAwayAsync(id, Http2Peer.InternalError);
                break;
        }
    }

    private Http2Server Start(bool tls, Func<Http2Peer, uint, Task> answer) => new(tls ? _ca : null, async peer =>
    {
        await peer.SettingsAsync();
        await answer(peer, await peer.RequestAsync());
    });
}
