namespace Mesh.Client.AspNetCore;

/// <summary>Who may register for one service; the section <c>Mesh:Registry:Services:&lt;name&gt;</c>.</summary>
public sealed class MeshRegistryServiceOptions
{
    /// <summary>
    /// The verified identities that may, written as for <c>RequireMeshIdentity</c>: a DNS name, a URI, <c>*.suffix</c>, and <c>*</c> for
    /// every verified identity. At least one.
    /// </summary>
    public IList<string> Identities { get; } = [];
}
