using System.Net;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>A server that answers an upload before it has read it: the caller gets the answer once; nobody is blamed.</summary>
public sealed class EarlyAnswerTests : IDisposable
{
    private readonly TestCa _ca = new();

    // A second endpoint: of one alone none may be ejected.
    private readonly DeadPort _idle = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _idle.Dispose();

    [Theory]
    [InlineData(false, 413, true)]
    [InlineData(true, 413, true)]
    [InlineData(false, 200, true)]
    [InlineData(true, 200, true)]
    [InlineData(false, 413, false)]
    public async Task Http2_AnsweredAndReset_IsTheAnswer(bool tls, int status, bool reset)
    {
        await using var server = new Http2Server(tls ? _ca : null, async peer =>
        {
            await peer.SettingsAsync();
            uint id = await peer.RequestAsync();
            await peer.HeadAsync(id, status);
            await peer.DataAsync(id, "early", isLast: true);
            if (reset)
            {
                await peer.ResetAsync(id, Http2Peer.NoError);
            }

            await peer.DrainAsync();
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port, _idle.Port], StreamMesh.Strict);
        using var content = new OpenContent();

        using HttpResponseMessage response = await mesh.PostToAsync(server.Port, content);

        await ExpectAsync(mesh, server.Port, response, status);
        Assert.Equal(1, content.Sendings);
    }

    // The framework's own contents are sent to their end first, mesh or not; a reset without error ends that.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Http2_StreamContentAnsweredAndReset_IsTheAnswer(bool tls)
    {
        await using var server = new Http2Server(tls ? _ca : null, async peer =>
        {
            await peer.SettingsAsync();
            uint id = await peer.RequestAsync();
            await peer.HeadAsync(id, 413);
            await peer.DataAsync(id, "early", isLast: true);
            await peer.ResetAsync(id, Http2Peer.NoError);
            await peer.DrainAsync();
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port, _idle.Port], StreamMesh.Strict);

        // Larger than the window, so that it cannot be sent.
        using HttpResponseMessage response = await mesh.PostToAsync(server.Port, new StreamContent(new MemoryStream(new byte[1 << 20])));

        await ExpectAsync(mesh, server.Port, response, 413);
    }

    [Theory]
    [InlineData(413)]
    [InlineData(200)]
    public async Task Http1_AnsweredAndClosed_IsTheAnswer(int status)
    {
        await using var server = new RawServer(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[1000], stop);
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Early\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly"), stop);

            // Waits for the client to go: a close at once would be a reset, which may overtake the answer.
            byte[] rest = new byte[4096];
            while (await stream.ReadAsync(rest, stop) > 0)
            {
            }
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port, _idle.Port], StreamMesh.Strict);

        using HttpResponseMessage response = await mesh.PostToAsync(
            server.Port, new StreamContent(new MemoryStream(new byte[100_000])), http2: false);

        await ExpectAsync(mesh, server.Port, response, status);
    }

    // Reset before the answer was read: whether the server executed it nobody knows.
    [Fact]
    public async Task Http1_ResetInTheMiddleOfAnUpload_IsNotRepeated()
    {
        await using var server = new RawServer(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[1000], stop);
            stream.Socket.LingerState = new(true, 0);
        });
        await using Backend next = await Backend.StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port, int.Parse(next.Address.Split(':')[1], null)]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => mesh.PostToAsync(server.Port, new StreamContent(new MemoryStream(new byte[4 << 20])), http2: false));

        Assert.Equal(AttemptResult.Reset, Assert.Single(error.Call!.Attempts).Outcome);
        Assert.Equal(0, next.Hits);
        await mesh.IdleAsync();
    }

    private static async Task ExpectAsync(MeshHost mesh, int port, HttpResponseMessage response, int status)
    {
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("early", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Single(response.GetMeshCallInfo()!.Attempts);
        await mesh.IdleAsync();
        Assert.False(mesh.Endpoint($"127.0.0.1:{port}").IsEjected);
    }
}
