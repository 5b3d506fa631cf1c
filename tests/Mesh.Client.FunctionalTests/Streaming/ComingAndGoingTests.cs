using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>gRPC streams of all kinds over instances that come and go. Alone, so that nobody takes the port of one that restarts.</summary>
[Collection(nameof(Alone))]
public sealed class ComingAndGoingTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The drain lasts as long as the host gives it; then the stream's caller is told, and opens it again at the next of the sequence.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Drain_OpenStreamGoesOnToItsEndThenReopensElsewhere(bool tls)
    {
        await using MeshServer leaving = await StartAsync(shutdown: TimeSpan.FromSeconds(1));
        await using MeshServer staying = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [leaving.Port, staying.Port]);
        using GrpcChannel channel = mesh.Channel();
        var probe = new Probe.ProbeClient(channel);
        CallOptions options = To(mesh, leaving.Port);
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = probe.Chat(options);
        using AsyncClientStreamingCall<ProbeRequest, ProbeReply> upload = probe.Upload(options);
        await ChatAsync(chat, "before");
        await upload.RequestStream.WriteAsync(new ProbeRequest(), Cancellation);

        Task stopped = leaving.StopAsync();
        await Eventually.TrueAsync(() => leaving.IsStopping);
        await ChatAsync(chat, "while draining");
        using (AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> meanwhile = probe.Chat(options))
        {
            await ChatAsync(meanwhile, "meanwhile");
        }

        await upload.RequestStream.CompleteAsync();
        Assert.Equal("1", (await upload).Key);
        await stopped;

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext(Cancellation));
        Assert.True(error.StatusCode is StatusCode.Unavailable, $"{error}");
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> again = probe.Chat(options);
        await ChatAsync(again, "again");
        Assert.Equal((0, 1), (mesh.Pending(leaving.Port), mesh.Pending(staying.Port)));
        await again.RequestStream.CompleteAsync();
        Assert.False(await again.ResponseStream.MoveNext(Cancellation));
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kill_StreamIsUnavailableAtOnceAndReopensElsewhere(bool tls)
    {
        await using MeshServer dying = await StartAsync();
        await using MeshServer staying = await StartAsync();
        await using var relay = new TcpRelay(dying.Port);
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [relay.Port, staying.Port]);
        using GrpcChannel channel = mesh.Channel();
        var probe = new Probe.ProbeClient(channel);
        CallOptions options = To(mesh, relay.Port);
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = probe.Chat(options);
        await ChatAsync(chat, "before");

        // Not both at once: the relay would refuse a second connection, and the call would be the other's.
        using AsyncClientStreamingCall<ProbeRequest, ProbeReply> upload = probe.Upload(options);
        await upload.RequestStream.WriteAsync(new ProbeRequest(), Cancellation);

        // The relay takes one connection only: as of a process that is gone.
        relay.Cut();

        RpcException down = await Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext(Cancellation));
        RpcException up = await Assert.ThrowsAsync<RpcException>(() => upload.ResponseAsync);
        Assert.True(down.StatusCode is StatusCode.Unavailable, $"{down}");
        Assert.True(up.StatusCode is StatusCode.Unavailable, $"{up}");
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> again = probe.Chat(options);
        await ChatAsync(again, "again");
        Assert.Equal((0, 1), (mesh.Pending(relay.Port), mesh.Pending(staying.Port)));
        Assert.Equal("disconnected", mesh.Endpoint($"127.0.0.1:{relay.Port}").State);
        again.Dispose();
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnlyInstanceRestarts_StreamOpenedMeanwhileWaits(bool tls)
    {
        MeshServer first = await StartAsync();
        int port = first.Port;
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [port], clock: clock);
        using GrpcChannel channel = mesh.Channel();
        var probe = new Probe.ProbeClient(channel);
        await probe.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);
        await first.StopAsync();
        await first.DisposeAsync();

        // A call that meets the old connection as it closes fails by itself; the next one finds nobody, and waits.
        Task<ProbeReply> Who() => probe.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync;
        Task<ProbeReply> waiting = Who();
        await Eventually.TrueAsync(() =>
        {
            waiting = waiting.IsFaulted ? Who() : waiting;
            return mesh.Endpoint($"127.0.0.1:{port}").State == "disconnected";
        });
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = probe.Chat(cancellationToken: Cancellation);
        await Eventually.TrueAsync(() => mesh.Service().Active == (waiting.IsCompleted ? 1 : 2));
        await using MeshServer second = await StartAsync($"http://127.0.0.1:{port}");

        // The next look at the endpoint is due; the wait of 3 s is not over.
        clock.Advance(TimeSpan.FromSeconds(1.5));
        await ChatAsync(chat, "a");
        chat.Dispose();
        await mesh.IdleAsync();
    }

    private static CallOptions To(MeshHost mesh, int port) =>
        new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf($"127.0.0.1:{port}"));

    private static async Task ChatAsync(AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat, string key)
    {
        await chat.RequestStream.WriteAsync(new ProbeRequest { Key = key }, Cancellation);
        Assert.True(await chat.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(key, chat.ResponseStream.Current.Key);
    }

    private Task<MeshServer> StartAsync(string url = "http://127.0.0.1:0", TimeSpan? shutdown = null) =>
        MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), url: url, shutdownTimeout: shutdown);
}
