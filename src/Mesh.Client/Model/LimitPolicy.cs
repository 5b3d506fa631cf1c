namespace Mesh.Client.Model;

/// <summary>How much a service is asked at most. What is null is not limited.</summary>
internal sealed record LimitPolicy
{
    /// <summary>Calls under way at once; at least 1.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>Calls that may wait for one under way to end, where those are limited; at least 0.</summary>
    public int MaxWaiting { get; init; }

    /// <summary>Attempts under way at once on one endpoint; at least 1.</summary>
    public int? MaxRequestsPerEndpoint { get; init; }

    /// <summary>Connections to one endpoint; at least 1.</summary>
    public int? MaxConnectionsPerEndpoint { get; init; }

    public RateLimitPolicy? Rate { get; init; }

    public AdaptiveLimitPolicy? Adaptive { get; init; }
}
