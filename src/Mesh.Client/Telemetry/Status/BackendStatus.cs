namespace Mesh.Client.Telemetry.Status;

/// <summary>One side of a split.</summary>
/// <param name="Service">Canonical name and port.</param>
/// <param name="Weight">Relative to its siblings.</param>
/// <param name="WantedShare">The share of calls that its weight means, from 0 to 1.</param>
/// <param name="LiveShare">The share of the last minute's calls that it had; null without any.</param>
/// <param name="Traffic">Of calls that ended there.</param>
internal sealed record BackendStatus(string Service, int Weight, double WantedShare, double? LiveShare, TrafficStatus Traffic);
