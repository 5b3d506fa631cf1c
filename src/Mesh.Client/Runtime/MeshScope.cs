namespace Mesh.Client.Runtime;

/// <summary>Which hosts a client gives to the mesh.</summary>
internal enum MeshScope
{
    /// <summary>
    /// The client asked for the mesh by itself: every host name, and an unknown one is an error unless configured otherwise.
    /// </summary>
    Client,

    /// <summary>The client got it by ConfigureHttpClientDefaults: only what looks like a mesh name, the rest passes through.</summary>
    Defaults,
}
