namespace Mesh.Client.Routing;

/// <summary>The parts of a request that routes look at, found once for all of them.</summary>
internal readonly ref struct RequestView
{
    public RequestView(HttpRequestMessage request)
    {
        Request = request;
        Uri uri = request.RequestUri!;
        ReadOnlySpan<char> target = uri.PathAndQuery;
        int mark = target.IndexOf('?');
        Path = mark < 0 ? target : target[..mark];
        Query = mark < 0 ? [] : target[(mark + 1)..];
        Host = WithoutPort(request.Headers.Host ?? uri.IdnHost);
    }

    public HttpRequestMessage Request { get; }

    /// <summary>As it is sent, percent-encoded.</summary>
    public ReadOnlySpan<char> Path { get; }

    /// <summary>Without its question mark.</summary>
    public ReadOnlySpan<char> Query { get; }

    public ReadOnlySpan<char> Host { get; }

    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        int colon = host.LastIndexOf(':');

        // An IPv6 address has colons of its own.
        return colon < 0 || host[colon..].Contains(']') ? host : host[..colon];
    }
}
