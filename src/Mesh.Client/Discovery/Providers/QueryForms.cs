using Mesh.Client.Model;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

/// <summary>
/// A service as an application would write it, since providers look names up as they are written: the shortest form first.
/// </summary>
internal static class QueryForms
{
    private const int HttpsPort = 443;

    /// <summary>Whether TLS comes first: the scheme is no part of a service, so its port tells.</summary>
    public static bool PrefersHttps(ServiceName service) => service.Port == HttpsPort;

    /// <summary>What to ask, in this order: <c>http+https://catalog</c>, then with the namespace, then the whole name.</summary>
    public static ServiceEndpointQuery[] Of(ServiceName service, MeshClientOptions options)
    {
        string scheme = PrefersHttps(service) ? "https+http" : "http+https";
        string port = service.Port is 80 or HttpsPort ? "" : $":{service.Port}";
        return [.. Hosts(service.Host, options).Select(host => Parse($"{scheme}://{host}{port}"))];
    }

    /// <summary>The names of a host, the shortest first.</summary>
    public static IEnumerable<string> Hosts(string host, MeshClientOptions options)
    {
        if (Strip(host, $".svc.{options.ClusterDomain}") is { } inCluster)
        {
            if (Strip(inCluster, $".{options.Namespace}") is { } inNamespace)
            {
                yield return inNamespace;
            }

            yield return inCluster;
        }

        yield return host;
    }

    private static string? Strip(string host, string suffix) =>
        host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) ? host[..^suffix.Length] : null;

    private static ServiceEndpointQuery Parse(string text) => ServiceEndpointQuery.TryParse(text, out ServiceEndpointQuery? query)
        ? query
        : throw new InvalidOperationException($"'{text}' is a service's name and no query.");
}
