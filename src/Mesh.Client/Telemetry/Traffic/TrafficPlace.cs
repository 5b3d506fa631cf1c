namespace Mesh.Client.Telemetry.Traffic;

/// <summary>The series that a call counts in.</summary>
/// <param name="Service">Of the service that was called.</param>
/// <param name="Route">Of its route.</param>
/// <param name="Backend">Of the route's backend; null where none was reached.</param>
/// <param name="Brought">Of the backend, where that is another service; else null.</param>
internal sealed record TrafficPlace(TrafficSeries Service, TrafficSeries Route, TrafficSeries? Backend, TrafficSeries? Brought = null);
