namespace Mesh.Client;

/// <summary>
/// A limit on calls under way that follows the service's latency: while answers take about as long as they usually do, it grows; when they
/// take longer, or are timeouts, resets or refusals (503, gRPC RESOURCE_EXHAUSTED), it shrinks. The gradient of Netflix's concurrency
/// limits (Gradient2), in windows as Envoy's adaptive concurrency. What is null is decided elsewhere.
/// </summary>
public sealed class MeshAdaptiveLimitOptions
{
    /// <summary>It never falls below this; at least 1. Built in: 4.</summary>
    public int? MinLimit { get; set; }

    /// <summary>It never rises above this; at least <see cref="MinLimit"/>, or 0: no such limit. Built in: 200.</summary>
    public int? MaxLimit { get; set; }

    /// <summary>
    /// Where it begins; from <see cref="MinLimit"/> to <see cref="MaxLimit"/>. The latency that is measured there counts as usual at first,
    /// so it should not be more than the service can do. Built in: 20, or the nearest of these two.
    /// </summary>
    public int? InitialLimit { get; set; }
}
