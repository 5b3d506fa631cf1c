using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>The service that a backend or a mirror names: as a caller writes it, with or without a port.</summary>
internal static class BackendNames
{
    /// <param name="options">Whose namespace and domains complete a name.</param>
    /// <returns>What is wrong with a name; null when nothing is.</returns>
    public static string? Problem(string? text, MeshClientOptions options)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "missing; write a service's name, such as catalog or catalog.shop:8080";
        }

        if (!TrySplit(text, out string? host, out _))
        {
            return $"'{text}' has no port from 1 to 65535 behind its ':'";
        }

        return ServiceNames.Canonical(host, options) is not null ? null
            : DnsNames.IsAddress(host) ? $"'{text}' is an IP address, and no service's name"
            : $"'{text}' {DnsNames.Problem(host) ?? "is too long"}";
    }

    /// <summary>Equal for names that mean the same service.</summary>
    /// <param name="names">What else configuration says of the names.</param>
    /// <param name="text">Valid.</param>
    /// <param name="port">Of the service whose calls go there, where configuration says it.</param>
    public static string? Canonical(ServiceNames names, string text, int? port) =>
        !TrySplit(text, out string? host, out int? own) ? null
        : names.TryResolve(host, own ?? port ?? 0, out ServiceName? service) ? service.Authority
        : ServiceNames.Canonical(host, names.Options);

    /// <returns>What is wrong with a host that a request is to name, with or without a port; null when nothing is.</returns>
    public static string? HostProblem(string text) =>
        !TrySplit(text, out string? host, out _) ? $"'{text}' has no port from 1 to 65535 behind its ':'"
        : DnsNames.Problem(host) is { } problem ? $"'{text}' {problem}"
        : null;

    /// <param name="names">What else configuration says of the names.</param>
    /// <param name="text">Valid.</param>
    /// <param name="port">Of the service whose calls go there: it holds where nothing else names one.</param>
    public static ServiceName Resolve(ServiceNames names, string text, int port) =>
        TrySplit(text, out string? host, out int? own) && names.TryResolve(host, own ?? port, out ServiceName? service)
            ? service
            : throw new InvalidOperationException($"'{text}' passed validation and is no service's name.");

    private static bool TrySplit(string text, [NotNullWhen(true)] out string? host, out int? port)
    {
        int colon = text.LastIndexOf(':');
        host = colon < 0 ? text : text[..colon];
        port = null;
        if (colon < 0)
        {
            return true;
        }

        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int given)
            || given is < 1 or > 65535)
        {
            return false;
        }

        port = given;
        return true;
    }
}
