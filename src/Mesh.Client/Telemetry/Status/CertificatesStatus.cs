namespace Mesh.Client.Telemetry.Status;

/// <summary>Certificates that workloads have asked for since the start.</summary>
/// <param name="Issued">That were given out.</param>
/// <param name="Refused">Requests that were not answered with one.</param>
/// <param name="Latest">When the latest was given out; null: none yet.</param>
internal sealed record CertificatesStatus(long Issued, long Refused, DateTimeOffset? Latest);
