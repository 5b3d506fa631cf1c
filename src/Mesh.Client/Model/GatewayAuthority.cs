using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mesh.Client.Model;

/// <summary>Where a multicluster gateway is asked to go on to.</summary>
/// <param name="Host">A DNS name.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record GatewayAuthority(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out GatewayAuthority? authority)
    {
        int colon = text.LastIndexOf(':');
        authority = colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= 65535
            && WorkloadIdentity.ParseDns(text[..colon]) is not null
                ? new GatewayAuthority(text[..colon], port)
                : null;
        return authority is not null;
    }
}
