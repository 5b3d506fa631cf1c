namespace Mesh.Client;

/// <summary>
/// A redirect that the caller gets instead of a response (HTTPRequestRedirectFilter of the Gateway API). At least one of its parts but the
/// status; what is null is the request's own. A gRPC call cannot follow it and fails as Unknown. Not together with backends or a rewrite; a
/// <see cref="MeshFilterOptions.ResponseHeaders"/> does not change it.
/// </summary>
public sealed class MeshRedirectOptions
{
    /// <summary><c>http</c> or <c>https</c>. Default null.</summary>
    public string? Scheme { get; set; }

    /// <summary>A host name without port. Default null.</summary>
    public string? Host { get; set; }

    /// <summary>
    /// 1 to 65535. Default null: the one that <see cref="Scheme"/> stands for where that is given, otherwise the request's.
    /// </summary>
    public int? Port { get; set; }

    /// <summary>The whole path, percent-encoded. Not together with <see cref="PathPrefix"/>. Default null.</summary>
    public string? Path { get; set; }

    /// <summary>
    /// What stands in place of the segments that the route's prefix match took. Only in a route whose every match has a
    /// <see cref="MeshPathMatchOptions.Prefix"/> (Gateway API); empty is <c>/</c>. Default null.
    /// </summary>
    public string? PathPrefix { get; set; }

    /// <summary>301, 302, 303, 307 or 308. Default 302.</summary>
    public int Status { get; set; } = 302;
}
