namespace Mesh.Client;

/// <summary>
/// Another host or path for the request (HTTPURLRewriteFilter of the Gateway API), at least one of them. It changes what the request says,
/// not where it is sent. The query stays.
/// </summary>
public sealed class MeshRewriteOptions
{
    /// <summary>The <c>Host</c> header or <c>:authority</c>: a name, with or without a port. Default null: as it is.</summary>
    public string? Host { get; set; }

    /// <summary>
    /// The whole path, percent-encoded as it is sent. Not together with <see cref="PathPrefix"/>. Default null: as it is.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// What stands in place of the segments that the route's prefix match took, such as <c>/</c> or <c>/v2</c>. Only in a route whose
    /// every match has a <see cref="MeshPathMatchOptions.Prefix"/> (Gateway API); empty is <c>/</c>. Default null: as it is.
    /// </summary>
    public string? PathPrefix { get; set; }
}
