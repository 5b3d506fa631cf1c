using System.Text.RegularExpressions;

namespace Mesh.Client.PageTests;

/// <summary>Texts that tests look for.</summary>
internal static partial class Patterns
{
    [GeneratedRegex(@"^[0-9][0-9.,]*$")]
    public static partial Regex Number();

    [GeneratedRegex("none failed$")]
    public static partial Regex NoneFailed();

    [GeneratedRegex("^(ejected|disconnected)")]
    public static partial Regex Unavailable();

    [GeneratedRegex("^Disconnected since [0-9:]+, trying again$")]
    public static partial Regex Disconnected();

    [GeneratedRegex("^Paused at [0-9:]+$")]
    public static partial Regex Paused();

    [GeneratedRegex("/mesh$")]
    public static partial Regex OverviewAddress();

    [GeneratedRegex("/mesh/services/catalog[^/]*$")]
    public static partial Regex CatalogAddress();
}
