using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>
/// The proxy before a controller: TLS 1.3 without ALPN, a client's certificate if it shows one, and the bytes inside handed on in plaintext.
/// </summary>
internal sealed class Sidecar : IAsyncDisposable
{
    private readonly RawServer _server;

    /// <param name="ca">Issues its certificate.</param>
    /// <param name="identity">Whom it says it is.</param>
    /// <param name="behind">The controller's port.</param>
    public Sidecar(TestCa ca, string identity, int behind)
    {
        SslStreamCertificateContext shown = ca.Issue([identity]).Context;
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
                        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is null || certificate.Issuer.Length > 0,
                    },
                    stop);
                Clients.Enqueue((tls.TargetHostName, Name(tls.RemoteCertificate)));
                using var controller = new TcpClient();
                await controller.ConnectAsync(IPAddress.Loopback, behind, stop);
                NetworkStream plain = controller.GetStream();
                await Task.WhenAny(tls.CopyToAsync(plain, stop), plain.CopyToAsync(tls, stop));
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
            {
                // It left.
            }
        });
    }

    /// <summary>Each connection's server name, and the name in the certificate that the client showed.</summary>
    public ConcurrentQueue<(string ServerName, string? Client)> Clients { get; } = [];

    public Uri Address => new($"http://127.0.0.1:{_server.Port}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string? Name(X509Certificate? certificate) =>
        (certificate as X509Certificate2)?.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames().Single();
}
