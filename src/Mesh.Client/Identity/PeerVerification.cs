using System.Collections.Immutable;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>What came of looking at a peer's certificate.</summary>
internal sealed record PeerVerification
{
    /// <summary>
    /// The names that the certificate carries and that its anchor may vouch for. They count only while there is no <see cref="Problem"/>.
    /// </summary>
    public ImmutableArray<WorkloadIdentity> Identities { get; init; } = [];

    /// <summary><see cref="TrustBundle.Thumbprint"/> of the anchor that vouched; null with a problem.</summary>
    public string? Anchor { get; init; }

    /// <summary>When the certificate ends; null without one.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Why the peer is refused, what was expected and what was presented; null for a peer that is accepted.</summary>
    public string? Problem { get; init; }
}
