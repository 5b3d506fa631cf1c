using Mesh.Client.Model.Routes;

namespace Mesh.Client.Model;

/// <summary>What applies to a service's calls: where they go, how endpoints are picked, shut out, and retried.</summary>
internal sealed record ServicePolicy
{
    public static readonly ServicePolicy Default = new();

    public LoadBalancingPolicy LoadBalancing { get; init; } = LoadBalancingPolicy.Default;

    public FailureAccrualPolicy FailureAccrual { get; init; } = FailureAccrualPolicy.Default;

    /// <summary>For calls that no route's retry policy is for.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>
    /// Endpoints that are written down where the policy is: what changes with it there holds with it. Null: the sources are asked.
    /// </summary>
    public EndpointSet? Endpoints { get; init; }

    /// <summary>Whether a new endpoint gets a connection before its first call.</summary>
    public bool WarmConnections { get; init; }

    public WaitPolicy Wait { get; init; } = WaitPolicy.Default;

    /// <summary>Null where nothing is limited: most services.</summary>
    public LimitPolicy? Limits { get; init; }

    /// <summary>Null where calls need none of what a route can do: most services.</summary>
    public RoutingPolicy? Routing { get; init; }
}
