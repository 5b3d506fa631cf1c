namespace Mesh.Client.Telemetry.Status;

/// <summary>What this process serves to its peers.</summary>
/// <param name="Service">What it registers as; null where it does not.</param>
/// <param name="Instance">Its name there.</param>
/// <param name="Registration">The state of that: <c>registered</c>, <c>waiting</c>, <c>refused</c>; null where it does not.</param>
/// <param name="Requests">Under way.</param>
/// <param name="Peers">Who called, most requests first; of very many those that were seen last.</param>
internal sealed record InboundStatus(
    string? Service, string? Instance, string? Registration, int Requests, IReadOnlyList<PeerStatus> Peers)
{
    /// <summary>Peers that there was no room for, and those that made room for others, as one; null: none.</summary>
    public PeerStatus? OtherPeers { get; init; }
}
