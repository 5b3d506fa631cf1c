namespace Mesh.Client;

/// <summary>
/// What a request's path must be: exactly one of <see cref="Exact"/>, <see cref="Prefix"/> and <see cref="Regex"/> (HTTPPathMatch of the
/// Gateway API). Paths are compared percent-encoded, as they are sent, without the query; case matters.
/// </summary>
public sealed class MeshPathMatchOptions
{
    /// <summary>The whole path, such as <c>/v2/items</c>. Default null.</summary>
    public string? Exact { get; set; }

    /// <summary>Its first segments: <c>/v2</c> takes <c>/v2</c> and <c>/v2/items</c>, not <c>/v20</c>. Default null.</summary>
    public string? Prefix { get; set; }

    /// <summary>
    /// A regular expression for the whole path (Linkerd), in .NET's language. It takes time linear in the path; look-around and back
    /// references are refused. Default null.
    /// </summary>
    public string? Regex { get; set; }
}
