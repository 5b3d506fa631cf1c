using System.Net.Security;
using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>How to secure one connection.</summary>
/// <param name="Peer">Whom to accept.</param>
/// <param name="Trust">Who may vouch for it.</param>
internal sealed record TlsTarget(PeerIdentity Peer, TrustBundle Trust)
{
    /// <summary>What to show of ourselves; null shows nothing, as before the first certificate.</summary>
    public Credential? Credential { get; init; }

    /// <summary>ALPN, best first; null offers none.</summary>
    public List<SslApplicationProtocol>? Protocols { get; init; }
}
