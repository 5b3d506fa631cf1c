namespace Mesh.Client.Telemetry.Status;

/// <summary>A few seconds of traffic: a point of a sparkline.</summary>
/// <param name="Calls">That ended.</param>
/// <param name="Failures">Of those.</param>
/// <param name="P99Milliseconds">Null without any.</param>
internal sealed record TrafficSliceStatus(int Calls, int Failures, double? P99Milliseconds);
