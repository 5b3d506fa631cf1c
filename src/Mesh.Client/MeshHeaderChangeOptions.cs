namespace Mesh.Client;

/// <summary>
/// Changes of headers (HTTPHeaderFilter of the Gateway API), in Linkerd's order: add, set, remove. At least one of them; a name stands in
/// one of them only. What belongs to the connection, to the framing of messages, to gRPC or to the mesh is refused, and so is <c>Host</c>,
/// which <see cref="MeshRewriteOptions.Host"/> changes.
/// </summary>
public sealed class MeshHeaderChangeOptions
{
    /// <summary>A further value beside those that are there. Printable ASCII. Default empty.</summary>
    public IDictionary<string, string> Add { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The one value, whatever was there. Printable ASCII. Default empty.</summary>
    public IDictionary<string, string> Set { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of headers that are taken off. Default null: none.</summary>
    public IList<string>? Remove { get; set; }
}
