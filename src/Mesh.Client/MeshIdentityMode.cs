namespace Mesh.Client;

/// <summary>
/// Whether plaintext is spoken in a mesh with identity. An endpoint whose identity is known is never called in plaintext.
/// </summary>
public enum MeshIdentityMode
{
    /// <summary>
    /// A client calls endpoints without an identity in plaintext; a server takes plaintext, and TLS from clients without a certificate.
    /// </summary>
    Permissive,

    /// <summary>
    /// A client calls only endpoints with an identity; a server takes only TLS connections of clients whose certificate it can verify.
    /// Where an application listens with TLS of its own, requests without a verified identity are refused (403).
    /// </summary>
    Strict,
}
