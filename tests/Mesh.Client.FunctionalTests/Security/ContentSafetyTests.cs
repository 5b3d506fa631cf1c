using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Whatever a content holds or throws, what may have been executed is not sent again.</summary>
public sealed class ContentSafetyTests
{
    private readonly TestCa _ca = new();
    private readonly ConcurrentQueue<string> _executed = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The bytes by which HTTP/2 begins, in the middle of a caller's own over HTTP/1.1.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Post_PieceLooksLikeAPreface_ServerDiesAfterExecution_IsExecutedOnce(int retries)
    {
        await using MeshServer dying = await StartAsync("dying", dies: true);
        await using MeshServer good = await StartAsync("good");
        await using MeshHost client = await StartClientAsync(dying, good, retries);

        await Assert.ThrowsAsync<MeshException>(
            () => client.SendToAsync($"127.0.0.1:{dying.Port}", HttpMethod.Post, new Pieces("hello", "PRI * HTTP/2.0\r\n\r\n")));

        Assert.Equal(["dying:23"], _executed);
        Assert.All(client.Service().Snapshot.Endpoints, endpoint => Assert.Equal("available", endpoint.State));
    }

    [Fact]
    public async Task Post_PieceLooksLikeAPreface_ArrivesWhole()
    {
        await using MeshServer server = await StartAsync("good");
        await using MeshHost client = await StartClientAsync(server, server, retries: 1);

        using HttpResponseMessage response = await client.SendToAsync(
            $"127.0.0.1:{server.Port}", HttpMethod.Post, new Pieces("hello", "PRI * HTTP/2.0\r\n\r\n", "and more"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["good:31"], _executed);
    }

    /// <summary>A proxy's content may fail in the very words of a connection that could not be made.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Post_ContentFailsToConnectElsewhere_IsSentOnceAndTheCallerSeesItsOwnError(int retries)
    {
        await using MeshServer one = await StartAsync("one");
        await using MeshServer other = await StartAsync("other");
        await using MeshHost client = await StartClientAsync(one, other, retries);
        var content = new Proxying(DeadPort.TakeUri());

        Exception error = await Assert.ThrowsAnyAsync<Exception>(
            () => client.SendToAsync($"127.0.0.1:{one.Port}", HttpMethod.Post, content));

        Assert.IsNotType<MeshException>(error);
        Assert.Equal(1, content.Times);
        Assert.All(client.Service().Snapshot.Endpoints, endpoint => Assert.Equal("available", endpoint.State));
    }

    /// <summary>TLS is made, and then the server says nothing: nothing but the preface has gone out.</summary>
    [Fact]
    public async Task Post_Http2ServerNeverSpeaks_GoesToTheNext()
    {
        SslStreamCertificateContext shown = _ca.Issue([SecureMesh.Catalog]).Context;
        await using var silent = new RawServer(async (stream, stop) =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificateContext = shown, EnabledSslProtocols = SslProtocols.Tls13 }, stop);
            await tls.CopyToAsync(Stream.Null, stop);
        });
        await using MeshServer good = await StartAsync("good");
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(silent.Port), SecureMesh.At(good.Port)]);

        using HttpResponseMessage response = await client.SendToAsync(
            silent.Address, HttpMethod.Post, new StringContent("once"), http2: true);

        MeshCallInfo info = response.GetMeshCallInfo()!;
        Assert.Equal([AttemptResult.ConnectFailure, AttemptResult.Success], info.Attempts.Select(attempt => attempt.Outcome));
        Assert.Contains("said nothing within 2 s", info.Attempts[0].Error, StringComparison.Ordinal);
        Assert.Equal(["good:4"], _executed);
    }

    private Task<MeshServer> StartAsync(string name, bool dies = false) =>
        MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: app => app.Use(next => async context =>
        {
            if (context.Request.Method != "POST")
            {
                await next(context);
                return;
            }

            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            _executed.Enqueue($"{name}:{body.Length}");
            if (dies)
            {
                context.Abort();
            }
        }));

    private Task<MeshHost> StartClientAsync(MeshServer one, MeshServer other, int retries) => SecureMesh.StartClientAsync(
        _ca.Issue(SecureMesh.Web, _ca),
        one == other ? [SecureMesh.At(one.Port)] : [SecureMesh.At(one.Port), SecureMesh.At(other.Port)],
        catalog => catalog.Retry = new RetryOptions { MaxRetries = retries });

    private sealed class Pieces(params string[] pieces) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (string piece in pieces)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(piece), Stop);
                await stream.FlushAsync(Stop);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = pieces.Sum(piece => piece.Length);
            return true;
        }
    }

    private sealed class Proxying(Uri dead) : HttpContent
    {
        public int Times { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Times++;
            await stream.WriteAsync("transfer 100;\n"u8.ToArray(), Stop);
            await stream.FlushAsync(Stop);
            using var other = new HttpClient();
            await stream.WriteAsync(await other.GetByteArrayAsync(dead, Stop), Stop);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
