namespace Mesh.Client.Telemetry.Status;

/// <summary>What this process serves to its peers.</summary>
/// <param name="Service">What it registers as; null where it does not.</param>
/// <param name="Instance">Its name there.</param>
/// <param name="Registration">The state of that: <c>registered</c>, <c>waiting</c>, <c>refused</c>; null where it does not.</param>
/// <param name="Requests">Under way.</param>
/// <param name="Peers">Who called since the start, most requests first; a bounded number.</param>
internal sealed record InboundStatus(
    string? Service, string? Instance, string? Registration, int Requests, IReadOnlyList<PeerStatus> Peers);
