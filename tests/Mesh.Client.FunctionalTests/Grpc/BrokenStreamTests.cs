using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Grpc;

/// <summary>A peer that is gone says nothing more, and TCP may end in good order: the caller is to hear Unavailable all the same.</summary>
public sealed class BrokenStreamTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Framing.Plaintext)]
    [InlineData(Framing.MeshTls)]
    [InlineData(Framing.Https)]
    public async Task Stream_ConnectionEndsWithoutAnError_IsUnavailableAndNamesTheEndpoint(Framing framing)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using var relay = new TcpRelay(server.Port);
        MeshEndpointOptions endpoint = framing is Framing.Plaintext
            ? SecureMesh.At(relay.Port, identity: null)
            : SecureMesh.At(relay.Port, framing: framing);
        await using MeshHost client = await SecureMesh.StartClientAsync(_ca.Issue(SecureMesh.Web, _ca), [endpoint]);
        using GrpcChannel channel = client.Channel();
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> call = new Probe.ProbeClient(channel).Chat(cancellationToken: Stop);
        await call.RequestStream.WriteAsync(new ProbeRequest { Key = "a" }, Stop);
        Assert.True(await call.ResponseStream.MoveNext(Stop));

        relay.Cut();

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Stop));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains($"the connection to 127.0.0.1:{relay.Port} broke", error.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Framing.Plaintext)]
    [InlineData(Framing.MeshTls)]
    public async Task Stream_ReadOnlyAfterTheConnectionEnded_IsUnavailableToo(Framing framing)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using var relay = new TcpRelay(server.Port);
        MeshEndpointOptions endpoint = framing is Framing.Plaintext
            ? SecureMesh.At(relay.Port, identity: null)
            : SecureMesh.At(relay.Port, framing: framing);
        await using MeshHost client = await SecureMesh.StartClientAsync(_ca.Issue(SecureMesh.Web, _ca), [endpoint]);
        using GrpcChannel channel = client.Channel();
        var probe = new Probe.ProbeClient(channel);
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> late = probe.Chat(cancellationToken: Stop);
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> reading = probe.Chat(cancellationToken: Stop);
        foreach (AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> call in new[] { late, reading })
        {
            await call.RequestStream.WriteAsync(new ProbeRequest { Key = "a" }, Stop);
            Assert.True(await call.ResponseStream.MoveNext(Stop));
        }

        relay.Cut();

        // The one that reads hears of it; the other one's stream was ended by the same connection.
        await Assert.ThrowsAsync<RpcException>(() => reading.ResponseStream.MoveNext(Stop));
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => late.ResponseStream.MoveNext(Stop));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains($"the connection to 127.0.0.1:{relay.Port} broke", error.Status.Detail, StringComparison.Ordinal);
    }
}
