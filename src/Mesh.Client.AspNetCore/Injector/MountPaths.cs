namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Paths in a container.</summary>
internal static class MountPaths
{
    /// <summary>
    /// The one form of all that kubelet takes for one place: from the root, without a slash at the end, empty segments, <c>.</c> and
    /// <c>..</c>. The root itself is empty.
    /// </summary>
    public static string Normalize(string? path)
    {
        var segments = new List<string>();
        foreach (string segment in (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment is "..")
            {
                segments.RemoveRange(Math.Max(segments.Count - 1, 0), Math.Min(segments.Count, 1));
            }
            else if (segment is not ".")
            {
                segments.Add(segment);
            }
        }

        return string.Concat(segments.Select(segment => "/" + segment));
    }

    /// <summary>Whether a place is in another, and not the same.</summary>
    /// <param name="path">As <see cref="Normalize"/> makes it, and so is the other.</param>
    public static bool IsBelow(string path, string parent) =>
        path.Length > parent.Length && path[parent.Length] == '/' && path.StartsWith(parent, StringComparison.Ordinal);
}
