namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// How long a stream is kept before another takes its place, so that a control plane's replicas share the load (Linkerd).
/// </summary>
/// <param name="Idle">Since its last message.</param>
/// <param name="Lifetime">In all.</param>
internal sealed record StreamLimits(TimeSpan Idle, TimeSpan Lifetime)
{
    /// <summary>Linkerd's own.</summary>
    public static readonly StreamLimits Default = new(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));

    /// <summary>None for a control plane on this machine: there is no other.</summary>
    public static StreamLimits? For(Uri address) => address.IsLoopback ? null : Default;

    /// <summary>A little less each time: streams that began together, as after the loss of a replica, do not end together.</summary>
    public static StreamLimits? For(ControlPlaneChannel channel) =>
        channel.HasReplicas ? Default with { Idle = Default.Idle * (1 - (0.2 * Random.Shared.NextDouble())) } : null;
}
