namespace Mesh.Client;

/// <summary>How an endpoint is picked. All go by the endpoints' weights where these differ.</summary>
public enum LoadBalancingPolicyName
{
    /// <summary>The less loaded of two random endpoints, by peak-sensitive latency and pending calls.</summary>
    PeakEwma,

    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>The same key goes to the same endpoint, by Envoy's Maglev table.</summary>
    Maglev,

    /// <summary>The same key goes to the same endpoint, by Envoy's hash ring.</summary>
    RingHash,

    /// <summary>Any, at random.</summary>
    Random,

    /// <summary>The one of some random endpoints with the fewest calls under way, as Envoy's least request.</summary>
    LeastRequest,
}
