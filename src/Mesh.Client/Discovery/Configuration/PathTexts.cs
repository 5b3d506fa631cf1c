using System.Buffers;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>What a path in a match or a change may look like (RFC 3986, and the Gateway API's rules).</summary>
internal static class PathTexts
{
    private static readonly SearchValues<char> Legal =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@%/");

    /// <summary>What is wrong with a path; null when nothing is.</summary>
    public static string? Problem(string path)
    {
        if (!path.StartsWith('/'))
        {
            return $"'{path}' does not begin with '/'";
        }

        int illegal = path.AsSpan().IndexOfAnyExcept(Legal);
        if (illegal >= 0)
        {
            return path[illegal] is '?' or '#'
                ? $"'{path}' has more than a path; leave out '{path[illegal]}' and what follows"
                : $"'{path}' has the illegal character '{path[illegal]}'; write it percent-encoded";
        }

        for (int at = path.IndexOf('%'); at >= 0; at = path.IndexOf('%', at + 1))
        {
            if (at + 2 >= path.Length || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2]))
            {
                return $"'{path}' has a '%' without two hexadecimal digits behind it";
            }
        }

        if (path.Contains("//", StringComparison.Ordinal))
        {
            return $"'{path}' has an empty segment";
        }

        return path.Split('/').Any(segment => segment is "." or "..") ? $"'{path}' has a segment '.' or '..', which no request has" : null;
    }
}
