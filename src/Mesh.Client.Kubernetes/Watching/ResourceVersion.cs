using System.Globalization;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>Versions as the API server counts them. Those that are not whole numbers cannot be compared.</summary>
internal static class ResourceVersion
{
    /// <summary>Whether the second is not newer than the first, as far as that can be told.</summary>
    public static bool HasSeen(string? seen, string? version) =>
        ulong.TryParse(seen, NumberStyles.None, CultureInfo.InvariantCulture, out ulong first)
        && ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out ulong second)
        && second <= first;
}
