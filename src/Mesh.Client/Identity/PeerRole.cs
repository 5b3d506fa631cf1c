namespace Mesh.Client.Identity;

/// <summary>What the peer's certificate must be good for.</summary>
internal enum PeerRole
{
    /// <summary>Extended key usage serverAuth.</summary>
    Server,

    /// <summary>Extended key usage clientAuth.</summary>
    Client,
}
