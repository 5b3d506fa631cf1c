namespace Mesh.Client.Balancing;

/// <summary>Finds a named part in a query string or a Cookie header, as Envoy reads them: the first one, nothing decoded.</summary>
internal static class RequestParts
{
    /// <param name="query">With or without its leading question mark.</param>
    public static bool TryGetQuery(ReadOnlySpan<char> query, string name, out ReadOnlySpan<char> value)
    {
        query = query.StartsWith('?') ? query[1..] : query;
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> parameter = query[range];
            int equals = parameter.IndexOf('=');
            if ((equals < 0 ? parameter : parameter[..equals]).SequenceEqual(name))
            {
                value = equals < 0 ? [] : parameter[(equals + 1)..];
                return true;
            }
        }

        value = [];
        return false;
    }

    /// <summary>The value goes without its double quotes.</summary>
    public static bool TryGetCookie(ReadOnlySpan<char> header, string name, out ReadOnlySpan<char> value)
    {
        foreach (Range range in header.Split(';'))
        {
            ReadOnlySpan<char> cookie = header[range].Trim(' ');
            int equals = cookie.IndexOf('=');
            if (equals >= 0 && cookie[..equals].SequenceEqual(name))
            {
                value = cookie[(equals + 1)..];
                value = value is ['"', .. var quoted, '"'] ? quoted : value;
                return true;
            }
        }

        value = [];
        return false;
    }
}
