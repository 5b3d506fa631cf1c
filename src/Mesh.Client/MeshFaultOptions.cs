namespace Mesh.Client;

/// <summary>
/// Faults on purpose (Envoy's fault filter): at least one of <see cref="Abort"/> and <see cref="Delay"/>. With both, a call may wait and
/// then fail.
/// </summary>
public sealed class MeshFaultOptions
{
    /// <summary>Answers instead of sending. Default null.</summary>
    public MeshFaultAbortOptions? Abort { get; set; }

    /// <summary>Waits before sending. Default null.</summary>
    public MeshFaultDelayOptions? Delay { get; set; }

    /// <summary>
    /// How many calls may have this fault at once, at least 1; others go unharmed (Envoy's <c>max_active_faults</c>). Default null: any
    /// number.
    /// </summary>
    public int? MaxActive { get; set; }
}
