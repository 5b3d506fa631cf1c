using System.Text.RegularExpressions;

namespace Mesh.Client.Telemetry.Status;

/// <summary>Takes out of a text what stands in addresses before the host: it may be a password.</summary>
internal static partial class Redacted
{
    public static string? Text(string? text) => text is null || !text.Contains('@', StringComparison.Ordinal)
        ? text
        : UserInfo().Replace(text, "$1");

    [GeneratedRegex("(//)[^/?#\\s\"']*@|[^/@:\\s\"']+:[^/@\\s\"']+@")]
    private static partial Regex UserInfo();
}
