namespace Mesh.Client.Telemetry.Traffic;

/// <summary>Whose calls are counted.</summary>
/// <param name="Service">Canonical name and port.</param>
/// <param name="Route">Null: all of the service.</param>
/// <param name="Backend">Null: all of the route.</param>
internal readonly record struct TrafficKey(string Service, string? Route = null, string? Backend = null)
{
    /// <summary>Calls of other services that their routes brought to this one.</summary>
    public static TrafficKey Brought(string backend) => new(string.Empty, Backend: backend);
}
