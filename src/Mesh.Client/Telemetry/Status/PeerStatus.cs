namespace Mesh.Client.Telemetry.Status;

/// <param name="Identity">What its certificate says; null for those without one.</param>
/// <param name="Allowed">Requests that were let in.</param>
/// <param name="Refused">Those that were not.</param>
/// <param name="LastSeen">When the latest came.</param>
internal sealed record PeerStatus(string? Identity, long Allowed, long Refused, DateTimeOffset LastSeen);
