namespace Mesh.Client;

/// <summary>
/// A wait before sending (Envoy's <c>delay</c>), which counts against the call's timeouts: at least one of <see cref="Fixed"/> and
/// <see cref="Header"/>.
/// </summary>
public sealed class MeshFaultDelayOptions
{
    /// <summary>How long; 1 ms to 30 days. Default null: only where <see cref="Header"/> says so.</summary>
    public TimeSpan? Fixed { get; set; }

    /// <summary>
    /// A request header whose milliseconds hold instead, where it is there and can be read (Envoy's <c>header_delay</c>). Default null:
    /// none.
    /// </summary>
    public string? Header { get; set; }

    /// <summary>Of calls, 0 to 1. Default 1: all.</summary>
    public double Ratio { get; set; } = 1;
}
