using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>
/// Everything a call needs to know of a service, immutable and swapped whole. A call reads it once, at its start. What lives on from one to
/// the next, such as the calls that are counted, is the same object in both.
/// </summary>
/// <param name="Policy">How to pick, shut out and retry.</param>
/// <param name="Set">What discovery said.</param>
/// <param name="Endpoints">The endpoints in the order of their hash keys: index i here is index i in every balancer.</param>
/// <param name="Balancers">The algorithms built over them.</param>
/// <param name="Custom">The application's own balancer, which then picks; null when a built-in algorithm does.</param>
/// <param name="Retry">The retry schedule and its rules, for calls that take no route.</param>
/// <param name="Budget">What pays for retries, for routes too that say nothing else.</param>
/// <param name="Limits">What calls have to enter before they begin; null where nothing limits them.</param>
/// <param name="Routes">Null where the policy has none of what routes do.</param>
internal sealed record ServiceSnapshot(
    ServicePolicy Policy,
    EndpointSet Set,
    EndpointRuntime[] Endpoints,
    Balancers Balancers,
    CustomPicks? Custom,
    RetryPipeline Retry,
    BudgetOfPolicy Budget,
    ServiceLimits? Limits,
    RoutePlans? Routes)
{
    /// <summary>Attempts that one endpoint may have under way.</summary>
    public int MaxRequestsPerEndpoint { get; } = Policy.Limits?.MaxRequestsPerEndpoint ?? int.MaxValue;

    /// <summary>How many states discovery has given so far, this one included.</summary>
    public int Number { get; init; }

    /// <summary>Whether discovery has given a definite answer, be it a bad one.</summary>
    public bool Answered => Set.Status != EndpointSetStatus.Unknown;
}
