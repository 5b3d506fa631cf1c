namespace Mesh.Client;

/// <summary>Which control plane is asked.</summary>
public sealed class MeshControlPlaneOptions
{
    /// <summary>
    /// Where it listens: an absolute <c>http</c> or <c>https</c> address such as <c>http://127.0.0.1:8086</c>.
    /// Default null: no control plane, services have only the endpoints that other sources give.
    /// </summary>
    public Uri? Address { get; set; }
}
