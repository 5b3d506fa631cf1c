namespace Mesh.Client.Model;

internal enum LoadBalancingAlgorithm
{
    /// <summary>The less loaded of two random endpoints, by peak-sensitive latency and pending calls (Linkerd's default).</summary>
    PeakEwma,
    RoundRobin,

    /// <summary>Consistent hash by Envoy's Maglev table.</summary>
    Maglev,

    /// <summary>Consistent hash by Envoy's ring.</summary>
    RingHash,
    Random,

    /// <summary>The fewest calls under way, as Envoy's least request.</summary>
    LeastRequest,

    /// <summary>A balancer of the application.</summary>
    Custom,
}
