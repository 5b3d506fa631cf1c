namespace Mesh.Client.AspNetCore;

/// <summary>
/// Who is at the other end of the connection, as its verified certificate says: a feature of every request to a mesh server
/// (<c>HttpContext.Features.Get&lt;IMeshPeerFeature&gt;()</c>).
/// </summary>
public interface IMeshPeerFeature
{
    /// <summary>The first name that the certificate carries, a DNS name or a URI; null for a peer that showed no certificate.</summary>
    string? Identity { get; }

    /// <summary>Every name that the certificate carries and that its anchor may vouch for; empty without a certificate.</summary>
    IReadOnlyList<string> Identities { get; }

    /// <summary>Whether the connection is TLS.</summary>
    bool IsTls { get; }
}
