using System.Buffers;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// Gives a URI another path (HTTPPathModifier of the Gateway API). The authority and the query stay, and what stays of the path stays
/// exactly as the caller wrote it: nothing is encoded or decoded a second time.
/// </summary>
internal static class PathRewrite
{
    // What a path is written with (RFC 3986).
    private static readonly SearchValues<char> Legal = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:@/");

    /// <param name="matched">How many characters of the path the route's prefix took, its last slash not counted; 0 as of <c>/</c>.</param>
    public static Uri Apply(Uri uri, int matched, PathChange change)
    {
        string target = uri.PathAndQuery;
        ReadOnlySpan<char> path = target, query = [];
        if (target.IndexOf('?') is var mark and >= 0)
        {
            path = target.AsSpan(0, mark);
            query = target.AsSpan(mark);
        }

        // The parts are as they are sent, those of an URI that was made without canonicalization too.
        return new Uri(
            string.Concat(uri.GetLeftPart(UriPartial.Authority), Path(path, matched, change), query),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    /// <summary>The path as changed, which begins with a slash.</summary>
    public static string Path(ReadOnlySpan<char> path, int matched, PathChange change)
    {
        string value = Encoded(change.Value);
        if (change.IsPrefix)
        {
            value = string.Concat(value.AsSpan().TrimEnd('/'), path[Math.Min(matched, path.Length)..]);
        }

        return value.StartsWith('/') ? value : string.Concat("/", value);
    }

    // Whatever is configured cannot end the path, nor the line that it is sent in.
    private static string Encoded(string value) =>
        !value.AsSpan().ContainsAnyExcept(Legal)
            ? value
            : new Uri("http://h/" + value.TrimStart('/').Replace("?", "%3F").Replace("#", "%23")).AbsolutePath;
}
