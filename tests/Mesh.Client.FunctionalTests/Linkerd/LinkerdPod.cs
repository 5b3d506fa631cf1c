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
/// The inbound side of a meshed pod, as Linkerd's proxy plays it (reference/linkerd.md §2.2 and §2.3): a port that takes only the TLS
/// that is for it and hands on all other bytes as they are, and a direct port that demands TLS of its own kind and a transport header.
/// </summary>
internal sealed class LinkerdPod : IAsyncDisposable
{
    private static readonly SslApplicationProtocol DirectProtocol = new("transport.l5d.io/v1");

    private readonly TestCa _ca;
    private readonly string _identity;
    private readonly SslStreamCertificateContext _shown;
    private readonly int _app;
    private readonly RawServer _transparent;
    private readonly RawServer _direct;
    private readonly PodInbound _inbound;
    private int _passed;

    private LinkerdPod(
        TestCa ca, string identity, string? certificate, int app, ConcurrentDictionary<string, int> gateways, PodInbound inbound)
    {
        _ca = ca;
        _identity = identity;
        _shown = ca.Issue(certificate ?? identity).Context;
        _app = app;
        Gateways = gateways;
        _inbound = inbound;
        _transparent = new RawServer(TakeAsync);
        _direct = new RawServer(TakeDirectAsync);
    }

    public int TransparentPort => _transparent.Port;

    public int DirectPort => _direct.Port;

    /// <summary>Whether the application's port is marked opaque.</summary>
    public bool IsOpaque { get; set; }

    /// <summary>Where this pod, as a gateway, goes on to for <c>name:port</c>.</summary>
    public ConcurrentDictionary<string, int> Gateways { get; }

    /// <summary>Connections that were for the proxy.</summary>
    public ConcurrentQueue<PodConnection> Connections { get; } = [];

    /// <summary>Connections whose bytes were handed on as they are.</summary>
    public int PassedOn => Volatile.Read(ref _passed);

    public ConcurrentQueue<PodRequest> Requests => _inbound.Requests;

    /// <param name="ca">Issues its certificate, with an intermediate, and vouches for clients.</param>
    /// <param name="identity">Its own.</param>
    /// <param name="app">The application's port.</param>
    /// <param name="certificate">What its certificate says instead.</param>
    public static async Task<LinkerdPod> StartAsync(TestCa ca, string identity, int app, string? certificate = null)
    {
        ConcurrentDictionary<string, int> gateways = [];
        PodInbound inbound = await PodInbound.StartAsync((from, authority) =>
            from.Name.Length > 0 ? gateways[$"{from.Name}:{from.Port}"] : gateways.GetValueOrDefault(authority, app));
        return new LinkerdPod(ca, identity, certificate, app, gateways, inbound);
    }

    public async ValueTask DisposeAsync()
    {
        await _transparent.DisposeAsync();
        await _direct.DisposeAsync();
        await _inbound.DisposeAsync();
    }

    private async Task TakeAsync(NetworkStream stream, CancellationToken stop)
    {
        byte[] start = await ClientHello.ReadAsync(stream, stop);
        var whole = new PrefixedStream(start, stream);
        ClientHello? hello = ClientHello.Parse(start);
        if (hello?.ServerName != _identity || hello.HasAlpn)
        {
            Interlocked.Increment(ref _passed);
            await RelayAsync(whole, _app, connection: null, stop);
            return;
        }

        await using SslStream? tls = await SecureAsync(whole, direct: false, stop);
        if (tls is null)
        {
            return;
        }

        var connection = new PodConnection(IsDirect: false, Identity(tls));
        Connections.Enqueue(connection);
        if (IsOpaque)
        {
            await RelayAsync(tls, _app, connection, stop);
            return;
        }

        byte[] first = new byte[3];
        int read = await tls.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, stop);
        connection.Session = first.AsSpan(0, read).SequenceEqual("PRI"u8) ? "http2" : "http1";
        await ServeAsync(new PrefixedStream(first.AsMemory(0, read), tls), connection, stop);
    }

    private async Task TakeDirectAsync(NetworkStream stream, CancellationToken stop)
    {
        await using SslStream? tls = await SecureAsync(stream, direct: true, stop);
        if (tls is null || tls.TargetHostName != _identity || tls.NegotiatedApplicationProtocol != DirectProtocol)
        {
            return;
        }

        var connection = new PodConnection(IsDirect: true, Identity(tls));
        if (await connection.TryReadHeaderAsync(tls, stop))
        {
            Connections.Enqueue(connection);
            await ServeAsync(tls, connection, stop);
        }
    }

    private Task ServeAsync(Stream stream, PodConnection connection, CancellationToken stop) => connection.Session switch
    {
        "http1" => RelayAsync(stream, _inbound.Http1Port, connection, stop),
        "http2" => RelayAsync(stream, _inbound.Http2Port, connection, stop),
        _ => RelayAsync(stream, connection.Name.Length > 0 ? Gateways[$"{connection.Name}:{connection.Port}"] : _app, connection, stop),
    };

    private async Task<SslStream?> SecureAsync(Stream stream, bool direct, CancellationToken stop)
    {
        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = _shown,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowTlsResume = false,
                    ClientCertificateRequired = true,
                    ApplicationProtocols = direct ? [DirectProtocol] : null,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                        certificate is X509Certificate2 leaf ? IsTrusted(leaf, chain!) : !direct,
                },
                stop);
            return tls;
        }
        catch (AuthenticationException)
        {
            await tls.DisposeAsync();
            return null;
        }
    }

    // By the anchor alone, so the client must have sent its intermediate.
    private bool IsTrusted(X509Certificate2 leaf, X509Chain sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_ca.Root);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }

    private static string? Identity(SslStream tls) => (tls.RemoteCertificate as X509Certificate2)?
        .Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames().First();

    private async Task RelayAsync(Stream client, int port, PodConnection? connection, CancellationToken stop)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, stop);
        if (connection is not null)
        {
            _inbound.Expect(((IPEndPoint)socket.Client.LocalEndPoint!).Port, connection);
        }

        await using NetworkStream behind = socket.GetStream();
        Http2Frames? frames = connection?.Session == "http2" ? connection.Frames : null;
        Task first = await Task.WhenAny(CopyAsync(client, behind, frames, stop), CopyAsync(behind, client, null, stop));
        await first;
    }

    private static async Task CopyAsync(Stream from, Stream to, Http2Frames? frames, CancellationToken stop)
    {
        byte[] buffer = new byte[16 * 1024];
        for (int read = await from.ReadAsync(buffer, stop); read > 0; read = await from.ReadAsync(buffer, stop))
        {
            frames?.Take(buffer.AsSpan(0, read));
            await to.WriteAsync(buffer.AsMemory(0, read), stop);
        }
    }
}
