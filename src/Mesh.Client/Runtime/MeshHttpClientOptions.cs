namespace Mesh.Client.Runtime;

/// <summary>Whether, and with which scope, a named HttpClient uses the mesh.</summary>
internal sealed class MeshHttpClientOptions
{
    public MeshScope? Scope { get; set; }
}
