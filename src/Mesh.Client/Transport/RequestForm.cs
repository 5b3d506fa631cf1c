using System.Net;
using System.Net.Security;

namespace Mesh.Client.Transport;

/// <summary>
/// What a request looked like before an endpoint's framing changed how it goes down: SocketsHttpHandler decides by the URI's scheme
/// whether it may speak HTTP/2, and whether it may leave our connection for QUIC.
/// </summary>
internal sealed class RequestForm
{
    private readonly Uri _uri;
    private readonly Version _version;
    private readonly HttpVersionPolicy _policy;
    private readonly string? _host;

    private RequestForm(HttpRequestMessage request)
    {
        _uri = request.RequestUri!;
        _version = request.Version;
        _policy = request.VersionPolicy;
        _host = request.Headers.Host;
    }

    /// <summary>Whether the URI asks for TLS: nothing but a secured endpoint may be called for it.</summary>
    public static bool AsksForTls(Uri uri) => uri.Scheme.Length is 5 or 3 && uri.Scheme is "https" or "wss";

    /// <summary>
    /// Whether either of http and https will do, as Microsoft.Extensions.ServiceDiscovery writes it; SocketsHttpHandler takes no such URI.
    /// </summary>
    public static bool TakesEither(Uri uri) => uri.Scheme.Length is 10 && uri.Scheme is "https+http" or "http+https";

    /// <summary>The URI's port; where it takes either scheme and names none, that of the scheme that it names first.</summary>
    public static int PortOf(Uri uri) => uri.Port >= 0 || !TakesEither(uri) ? uri.Port : uri.Scheme is "https+http" ? 443 : 80;

    /// <summary>Changes what the framing needs changed. The authority that is sent stays what it was.</summary>
    /// <returns>What to <see cref="Restore"/>; null when nothing was changed.</returns>
    public static RequestForm? Adapt(HttpRequestMessage request, Framing framing)
    {
        Uri uri = request.RequestUri!;
        bool https = AsksForTls(uri);
        switch (framing)
        {
            case Framing.Https:
                return Secure(request, uri, https);

            // Without ALPN it refuses HTTP/2 on https.
            case Framing.MeshTls or Framing.TransportHeader when https:
                var form = new RequestForm(request);
                form.Rewrite(request, uri.Scheme == "wss" ? "ws" : "http");
                return form;
            case not Framing.Https when TakesEither(uri):
                form = new RequestForm(request);
                form.Rewrite(request, "http");
                return form;
            default:
                return null;
        }
    }

    /// <summary>HTTP/2 by prior knowledge, by SocketsHttpHandler's own rule for http.</summary>
    public static bool IsHttp2(HttpRequestMessage? request) =>
        request is { Version.Major: >= 2, VersionPolicy: not HttpVersionPolicy.RequestVersionOrLower };

    /// <summary>What to offer in ALPN for the request that a connection is made for, best first.</summary>
    public static List<SslApplicationProtocol> Protocols(HttpRequestMessage? request) =>
        (request?.Version.Major, request?.VersionPolicy) switch
        {
            ( >= 2, not HttpVersionPolicy.RequestVersionOrLower) => [SslApplicationProtocol.Http2],
            (1, HttpVersionPolicy.RequestVersionOrLower or HttpVersionPolicy.RequestVersionExact) => [SslApplicationProtocol.Http11],
            _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };

    public void Restore(HttpRequestMessage request)
    {
        request.RequestUri = _uri;
        request.Version = _version;
        request.VersionPolicy = _policy;
        request.Headers.Host = _host;
    }

    private static RequestForm? Secure(HttpRequestMessage request, Uri uri, bool https)
    {
        bool mayLeave = request.Version.Major > 2 || request.VersionPolicy is HttpVersionPolicy.RequestVersionOrHigher;
        if (https && !mayLeave)
        {
            return null;
        }

        var form = new RequestForm(request);
        if (mayLeave)
        {
            // HTTP/3 would dial by itself, past the endpoint and its identity.
            bool atLeastTwo = request.Version.Major >= 2 && request.VersionPolicy is not HttpVersionPolicy.RequestVersionOrLower;
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = atLeastTwo ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower;
        }

        if (!https)
        {
            form.Rewrite(request, uri.Scheme == "ws" ? "wss" : "https");
        }

        return form;
    }

    private void Rewrite(HttpRequestMessage request, string scheme)
    {
        request.RequestUri = new Uri($"{scheme}://{_uri.Host}:{PortOf(_uri)}{_uri.PathAndQuery}");

        // The port of another scheme would show in what is sent.
        request.Headers.Host ??= _uri.Authority;
    }
}
