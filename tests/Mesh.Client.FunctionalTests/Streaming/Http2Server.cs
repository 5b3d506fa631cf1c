using System.Net.Security;
using System.Security.Authentication;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>A server that speaks HTTP/2 frame by frame as the test says, in plaintext or in the mesh's TLS.</summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private readonly RawServer _server;

    /// <param name="ca">Who vouches for it; null is plaintext.</param>
    /// <param name="serve">Speaks on one connection, which is closed properly when it returns.</param>
    public Http2Server(TestCa? ca, Func<Http2Peer, Task> serve)
    {
        SslStreamCertificateContext? shown = ca is null
            ? null
            : SslStreamCertificateContext.Create(ca.IssueCertificate(new TestLeaf(SecureMesh.Catalog)), [ca.Intermediate], offline: true);
        _server = new RawServer(async (stream, stop) =>
        {
            if (shown is null)
            {
                await ServeAsync(new Http2Peer(stream, stop), serve);
                return;
            }

            await using var tls = new SslStream(stream);
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = shown,
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            };
            await tls.AuthenticateAsServerAsync(options, stop);
            await ServeAsync(new Http2Peer(tls, stop), serve);
        });
    }

    public int Port => _server.Port;

    public string Address => _server.Address;

    public int Connections => _server.Connections;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task ServeAsync(Http2Peer peer, Func<Http2Peer, Task> serve)
    {
        await peer.ReadPrefaceAsync();
        await serve(peer);
    }
}
