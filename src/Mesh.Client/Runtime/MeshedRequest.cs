using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>
/// A request as it goes to an endpoint that wants it otherwise than its caller made it: a copy with the same content, so that the caller's
/// stays as it is, and a connection that outlives the call still sees what it was made for.
/// </summary>
internal static class MeshedRequest
{
    private static readonly string[] OfOneConnection = ["Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"];

    /// <summary>
    /// Whether it is HTTP/1.1 that an endpoint's proxy takes as HTTP/2. Never what is to become another protocol: HTTP/2 cannot carry
    /// that.
    /// </summary>
    public static bool IsUpgraded(HttpRequestMessage request, EndpointTransport transport) =>
        transport is { UpgradesHttp1: true, Opaque: false, Framing: Framing.MeshTls or Framing.TransportHeader }
        && !RequestForm.IsHttp2(request)
        && request.Method != HttpMethod.Connect
        && !request.Headers.NonValidated.Contains("Upgrade");

    /// <param name="request">The caller's, with all that was changed on it for this attempt.</param>
    /// <param name="upgrade">Whether to send it as HTTP/2 though it is HTTP/1.1.</param>
    /// <param name="demands">Whose headers are not sent; null: none.</param>
    public static HttpRequestMessage Of(HttpRequestMessage request, EndpointTransport transport, bool upgrade, RequestDemands? demands)
    {
        var sent = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Version = upgrade ? HttpVersion.Version20 : request.Version,
            VersionPolicy = upgrade ? HttpVersionPolicy.RequestVersionExact : request.VersionPolicy,
            Content = request.Content,
        };
        HashSet<string>? named = upgrade ? Named(request) : null;
        foreach ((string name, HeaderStringValues values) in request.Headers.NonValidated)
        {
            bool isLeftOut = demands?.Takes(name) == true
                || (transport.AuthorityOverride is not null && IsAny(name, "Host", LinkerdHeaders.Canonical))
                || (upgrade && (IsAny(name, OfOneConnection) || IsAny(name, LinkerdHeaders.OriginalProtocol) || named!.Contains(name)));
            if (!isLeftOut)
            {
                sent.Headers.TryAddWithoutValidation(name, values);
            }
        }

        if (transport.AuthorityOverride is { } authority)
        {
            sent.Headers.Host = authority;
        }

        if (upgrade)
        {
            sent.Headers.TryAddWithoutValidation(
                LinkerdHeaders.OriginalProtocol, request.Version == HttpVersion.Version10 ? "HTTP/1.0" : "HTTP/1.1");
        }

        foreach ((string key, object? value) in (IDictionary<string, object?>)request.Options)
        {
            ((IDictionary<string, object?>)sent.Options)[key] = value;
        }

        return sent;
    }

    /// <summary>Makes of its response one of the caller's request.</summary>
    public static void Restore(HttpResponseMessage response, HttpRequestMessage sent, HttpRequestMessage request)
    {
        response.RequestMessage = request;
        if (RequestForm.IsHttp2(sent) != RequestForm.IsHttp2(request))
        {
            response.Version = request.Version == HttpVersion.Version10 ? HttpVersion.Version10 : HttpVersion.Version11;
            response.Headers.Remove(LinkerdHeaders.OriginalProtocol);
        }
    }

    // What the Connection header names is of one connection too.
    private static HashSet<string> Named(HttpRequestMessage request) =>
        LinkerdHeaders.Text(request, "Connection") is { } text
            ? new(text.Split(',', StringSplitOptions.TrimEntries), StringComparer.OrdinalIgnoreCase)
            : [];

    private static bool IsAny(string name, params ReadOnlySpan<string> names)
    {
        foreach (string other in names)
        {
            if (name.Equals(other, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
