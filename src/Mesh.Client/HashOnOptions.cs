namespace Mesh.Client;

/// <summary>
/// One part of a request that its hash is made from: exactly one of <see cref="Header"/>, <see cref="Cookie"/>,
/// <see cref="Query"/> and <see cref="Path"/>.
/// </summary>
public sealed class HashOnOptions
{
    /// <summary>The name of a header. Default null.</summary>
    public string? Header { get; set; }

    /// <summary>The name of a cookie. Default null.</summary>
    public string? Cookie { get; set; }

    /// <summary>The name of a query parameter. Default null.</summary>
    public string? Query { get; set; }

    /// <summary>The path of the address, without its query. Default false.</summary>
    public bool Path { get; set; }

    /// <summary>When this part gives a hash, those behind it are not looked at. Default false.</summary>
    public bool Terminal { get; set; }
}
