using System.Globalization;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>Versions as the API server counts them. Those that are not whole numbers cannot be compared.</summary>
internal static class ResourceVersion
{
    /// <summary>Whether the second is not newer than the first, as far as that can be told.</summary>
    public static bool HasSeen(string? seen, string? version) => Read(seen, version) is var (first, second) && second <= first;

    /// <summary>Whether the first is older than the second, as far as that can be told.</summary>
    public static bool IsBehind(string? version, string? other) => Read(version, other) is var (first, second) && first < second;

    private static (ulong First, ulong Second)? Read(string? one, string? other) =>
        ulong.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out ulong first)
        && ulong.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out ulong second)
            ? (first, second)
            : null;
}
