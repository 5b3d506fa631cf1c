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
    /// <summary>How many replicas of the control plane there are to register with; null where there is one.</summary>
    public int? Replicas { get; init; }

    /// <summary>With how many of them it is registered; null where there is one.</summary>
    public int? RegisteredReplicas { get; init; }

    /// <summary>Peers that there was no room for, and those that made room for others, as one; null: none.</summary>
    public PeerStatus? OtherPeers { get; init; }
}
