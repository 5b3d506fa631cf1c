namespace Mesh.Client;

/// <summary>
/// The names of the built-in policies, for <see cref="LoadBalancingOptions.Policy"/>. All go by the endpoints' weights where these differ.
/// </summary>
public static class LoadBalancingPolicyName
{
    /// <summary>The less loaded of two random endpoints, by peak-sensitive latency and pending calls.</summary>
    public const string PeakEwma = nameof(PeakEwma);

    /// <summary>Each in turn.</summary>
    public const string RoundRobin = nameof(RoundRobin);

    /// <summary>The same key goes to the same endpoint, by Envoy's Maglev table.</summary>
    public const string Maglev = nameof(Maglev);

    /// <summary>The same key goes to the same endpoint, by Envoy's hash ring.</summary>
    public const string RingHash = nameof(RingHash);

    /// <summary>Any, at random.</summary>
    public const string Random = nameof(Random);

    /// <summary>The one of some random endpoints with the fewest calls under way, as Envoy's least request.</summary>
    public const string LeastRequest = nameof(LeastRequest);
}
