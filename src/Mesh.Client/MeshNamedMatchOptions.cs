namespace Mesh.Client;

/// <summary>
/// What a header or a query parameter must be: exactly one of <see cref="Value"/> and <see cref="Regex"/> (HTTPHeaderMatch and
/// HTTPQueryParamMatch of the Gateway API). Where a request has several values, one is enough (Linkerd).
/// </summary>
public sealed class MeshNamedMatchOptions
{
    /// <summary>The name: of a header without regard to case, of a query parameter exactly. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>The value. Case matters. Default null.</summary>
    public string? Value { get; set; }

    /// <summary>
    /// A regular expression for the whole value, in .NET's language and linear in time: look-around and back references are refused.
    /// Default null.
    /// </summary>
    public string? Regex { get; set; }
}
