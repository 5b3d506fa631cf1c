using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Identity;

/// <summary>
/// A Kestrel that asks for a client certificate and keeps what each handshake brought. It echoes nothing and answers 200.
/// </summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TlsServer(WebApplication app) => _app = app;

    /// <summary>Leaf and other certificates of the client, for each handshake in which it sent one.</summary>
    public ConcurrentQueue<(string Leaf, string[] Others)> Clients { get; } = [];

    public ConcurrentQueue<string?> ServerNames { get; } = [];

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<TlsServer> StartAsync(
        SslStreamCertificateContext certificate, SslProtocols protocols = SslProtocols.Tls13, params SslApplicationProtocol[] alpn)
    {
        TlsServer? server = null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = context =>
                {
                    server!.ServerNames.Enqueue(context.ClientHelloInfo.ServerName);
                    return new(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate,
                        EnabledSslProtocols = protocols,
                        ClientCertificateRequired = true,
                        ApplicationProtocols = alpn.Length == 0 ? null : [.. alpn],
                        RemoteCertificateValidationCallback = (_, leaf, chain, _) => server.Saw(leaf, chain),
                    });
                },
            });
        }));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        WebApplication app = builder.Build();
        app.MapGet("/", () => "");
        server = new TlsServer(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private bool Saw(X509Certificate? leaf, X509Chain? chain)
    {
        if (leaf is X509Certificate2 certificate)
        {
            Clients.Enqueue((certificate.Thumbprint, [.. chain!.ChainPolicy.ExtraStore.Select(other => other.Thumbprint)]));
        }

        return true;
    }
}
