namespace Mesh.Client.AspNetCore.Server;

/// <summary>A peer that the mesh did not look at.</summary>
internal sealed class UnverifiedPeer : IMeshPeerFeature
{
    /// <summary>At the other end of a plaintext connection.</summary>
    public static readonly UnverifiedPeer Plaintext = new() { IsTls = false };

    /// <summary>At the other end of TLS that the application made itself, with a certificate of its own.</summary>
    public static readonly UnverifiedPeer ForeignTls = new() { IsTls = true };

    public string? Identity => null;

    public IReadOnlyList<string> Identities => [];

    public required bool IsTls { get; init; }
}
