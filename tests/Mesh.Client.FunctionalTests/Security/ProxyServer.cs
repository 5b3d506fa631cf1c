using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>
/// What Linkerd's proxy does on its inbound port: mutual TLS with its ALPN, a header, then whatever that says, to the application behind.
/// </summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    private const int PrefixLength = 23;

    private readonly RawServer _server;

    /// <param name="ca">Issues its certificate.</param>
    /// <param name="behind">The application's port.</param>
    /// <param name="alpn">What it chooses; null nothing.</param>
    public ProxyServer(TestCa ca, int behind, SslApplicationProtocol? alpn)
    {
        SslStreamCertificateContext shown = ca.Issue([SecureMesh.Catalog]).Context;
        _server = new RawServer(async (stream, stop) =>
        {
            await using var tls = new SslStream(stream);
            try
            {
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = shown,
                        EnabledSslProtocols = SslProtocols.Tls13,
                        ClientCertificateRequired = true,
                        ApplicationProtocols = alpn is { } chosen ? [chosen] : null,
                        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
                    },
                    stop);
                await ServeAsync(tls, behind, stop);
            }
            catch (AuthenticationException)
            {
                // Nobody to serve.
            }
        });
    }

    public int Port => _server.Port;

    public int Connections => _server.Connections;

    /// <summary>Each connection's header in hexadecimal digits, as far as it came.</summary>
    public ConcurrentQueue<string> Headers { get; } = [];

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(SslStream tls, int behind, CancellationToken stop)
    {
        byte[] start = new byte[PrefixLength + sizeof(uint)];
        int read = await tls.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, stop);
        if (read < start.Length)
        {
            Headers.Enqueue(Convert.ToHexStringLower(start.AsSpan(0, read)));
            return;
        }

        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(PrefixLength))];
        await tls.ReadExactlyAsync(message, stop);
        Headers.Enqueue(Convert.ToHexStringLower([.. start, .. message]));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, behind, stop);
        await using NetworkStream application = client.GetStream();
        await Task.WhenAny(tls.CopyToAsync(application, stop), application.CopyToAsync(tls, stop));
    }
}
