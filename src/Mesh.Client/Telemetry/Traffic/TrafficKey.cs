namespace Mesh.Client.Telemetry.Traffic;

/// <summary>Whose calls are counted.</summary>
/// <param name="Service">Canonical name and port.</param>
/// <param name="Route">Null: all of the service.</param>
/// <param name="Backend">Null: all of the route.</param>
internal readonly record struct TrafficKey(string Service, string? Route = null, string? Backend = null);
