using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>How a client speaks to a mesh server, and what it saw of the server's certificate.</summary>
internal sealed class MeshCaller(MeshServer server)
{
    /// <summary>Null shows none.</summary>
    public Credential? Credential { get; init; }

    /// <summary>Instead of the credential: what no credential would be.</summary>
    public SslStreamCertificateContext? Certificate { get; init; }

    public bool Tls { get; init; } = true;

    /// <summary>Null offers nothing: Linkerd's.</summary>
    public SslApplicationProtocol? Alpn { get; init; }

    /// <summary>Sends the first bytes one by one, those within TLS as well.</summary>
    public bool Dribbles { get; init; }

    public SslProtocols Versions { get; init; } = SslProtocols.None;

    /// <summary>The server's certificate in the last handshake.</summary>
    public string? Leaf { get; private set; }

    /// <summary>What came with it.</summary>
    public string[] Others { get; private set; } = [];

    public async Task<Stream> ConnectAsync(CancellationToken stop)
    {
        NetworkStream stream = await server.ConnectAsync();
        Stream transport = Dribbles ? new DribbleStream(stream) : stream;
        if (!Tls)
        {
            return transport;
        }

        var tls = new SslStream(transport);
        // The caller that gives up hangs up.
        await using CancellationTokenRegistration hangUp = stop.UnsafeRegister(static self => ((Stream)self!).Dispose(), stream);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "server",
                EnabledSslProtocols = Versions,
                ClientCertificateContext = Certificate ?? Credential?.Context,
                ApplicationProtocols = Alpn is { } alpn ? [alpn] : null,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                },
                RemoteCertificateValidationCallback = (_, leaf, chain, _) =>
                {
                    Leaf = ((X509Certificate2)leaf!).Thumbprint;
                    Others = [.. chain!.ChainPolicy.ExtraStore.Select(other => other.Thumbprint)];
                    return true;
                },
            },
            stop);
        return Dribbles ? new DribbleStream(tls) : tls;
    }

    /// <summary>Keeps connections like any client.</summary>
    public HttpMessageInvoker Invoker() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, stop) => await ConnectAsync(stop),
    });

    /// <summary>One GET over an invoker; the body.</summary>
    public static async Task<string> GetAsync(HttpMessageInvoker invoker, Version version, string uri = "http://server/")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri)
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await invoker.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>One GET over a connection of its own; the body.</summary>
    public async Task<string> GetAsync(Version version, string uri = "http://server/")
    {
        using HttpMessageInvoker invoker = Invoker();
        return await GetAsync(invoker, version, uri);
    }

    /// <summary>
    /// Whether the server serves a request on a new connection. TLS 1.3 tells a client of a refusal only after its own handshake.
    /// </summary>
    public async Task<bool> IsServedAsync()
    {
        try
        {
            await GetAsync(HttpVersion.Version11);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or AuthenticationException or IOException or SocketException)
        {
            return false;
        }
    }
}
