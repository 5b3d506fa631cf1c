using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>The <c>path</c> of a Destination request: <c>name.namespace.svc.cluster-domain:port</c>.</summary>
internal static class DestinationPath
{
    private const int DefaultPort = 80;
    private const int MaxShown = 100;

    /// <param name="path">The port may be missing: 80. Case and a trailing dot do not matter.</param>
    /// <param name="service">The service it names.</param>
    /// <param name="problem">Why it names none, in words for the caller.</param>
    public static bool TryParse(
        string path, [NotNullWhen(true)] out ServiceName? service, [NotNullWhen(false)] out string? problem)
    {
        service = null;
        problem = null;
        int colon = path.LastIndexOf(':');
        string host = (colon < 0 ? path : path[..colon]).ToLowerInvariant();
        int port = DefaultPort;
        if (host.EndsWith('.'))
        {
            host = host[..^1];
        }

        if (IPAddress.TryParse(path, out _) || IPAddress.TryParse(host, out _))
        {
            problem = $"path '{Shown(path)}' is an IP address; the name of a service is needed";
        }
        else if (colon >= 0 && !TryParsePort(path.AsSpan(colon + 1), out port))
        {
            problem = $"path '{Shown(path)}': port is not 1 to 65535";
        }
        else if (Uri.CheckHostName(host) is not UriHostNameType.Dns)
        {
            problem = $"path '{Shown(path)}' is not the name of a service; name.namespace.svc.cluster-domain:port is needed";
        }
        else
        {
            service = new ServiceName(host, port);
        }

        return service is not null;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= IPEndPoint.MaxPort;

    /// <summary>The problem travels in a trailer, which has no room for a path of any length.</summary>
    private static string Shown(string path) => path.Length <= MaxShown ? path : path[..MaxShown] + "…";
}
