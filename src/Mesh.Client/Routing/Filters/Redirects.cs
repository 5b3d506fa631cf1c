using Mesh.Client.Model.Routes.Filters;
using Mesh.Client.Transport;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// Answers requests with redirects (RequestRedirect of the Gateway API). A gRPC call, which knows none, gets the status that gRPC gives
/// to such an answer.
/// </summary>
internal static class Redirects
{
    /// <param name="request">As the caller made it.</param>
    /// <param name="matched">How many characters of the path the route's prefix took, its last slash not counted; 0 for none.</param>
    public static HttpResponseMessage Answer(HttpRequestMessage request, bool isGrpc, int matched, RedirectFilter filter)
    {
        string location = Location(request, matched, filter);
        if (isGrpc)
        {
            return PolicyAnswer.Grpc(request, PolicyAnswer.ToGrpc(filter.Status), $"redirected ({filter.Status}) to {location}");
        }

        HttpResponseMessage response = PolicyAnswer.Http(request, filter.Status, text: null);
        response.Headers.TryAddWithoutValidation("Location", location);
        return response;
    }

    private static string Location(HttpRequestMessage request, int matched, RedirectFilter filter)
    {
        Uri uri = request.RequestUri!;
        string scheme = filter.Scheme ?? SchemeOf(uri);
        int known = Port(scheme);
        int port = filter.Port ?? (filter.Scheme is not null && known > 0 ? known : RequestForm.PortOf(uri));
        ReadOnlySpan<char> host = filter.Host ?? Host(request);
        string target = (filter.Path is { } change ? PathRewrite.Apply(uri, matched, change) : uri).PathAndQuery;
        return port == known || port < 0 ? $"{scheme}://{host}{target}" : $"{scheme}://{host}:{port}{target}";
    }

    private static ReadOnlySpan<char> Host(HttpRequestMessage request)
    {
        Uri uri = request.RequestUri!;
        string own = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return RequestView.WithoutPort(request.Headers.Host ?? own);
    }

    private static string SchemeOf(Uri uri) => !RequestForm.TakesEither(uri) ? uri.Scheme : uri.Scheme[..uri.Scheme.IndexOf('+')];

    private static int Port(string scheme) => scheme switch
    {
        "http" or "ws" => 80,
        "https" or "wss" => 443,
        _ => 0,
    };
}
