namespace Mesh.Client.Telemetry.Status;

/// <summary>Calls over the last minute, and how they went over the last minutes.</summary>
/// <param name="PerSecond">Calls that ended, a second.</param>
/// <param name="SuccessRatio">From 0 to 1, of those that their callers did not give up; null without any.</param>
/// <param name="P50Milliseconds">To the last byte: of a stream its whole life. Null without any.</param>
/// <param name="P95Milliseconds">Null without any.</param>
/// <param name="P99Milliseconds">Null without any.</param>
/// <param name="Calls">Since the start.</param>
/// <param name="Failures">Since the start.</param>
/// <param name="Retries">Since the start.</param>
/// <param name="History">The latest last.</param>
internal sealed record TrafficStatus(
    double PerSecond,
    double? SuccessRatio,
    double? P50Milliseconds,
    double? P95Milliseconds,
    double? P99Milliseconds,
    long Calls,
    long Failures,
    long Retries,
    IReadOnlyList<TrafficSliceStatus> History)
{
    public static TrafficStatus None { get; } = new(0, null, null, null, null, 0, 0, 0, []);
}
