namespace Mesh.Client.Telemetry.Traffic;

/// <summary>The three series that a call counts in.</summary>
internal sealed record TrafficPlace(TrafficSeries Service, TrafficSeries Route, TrafficSeries Backend);
