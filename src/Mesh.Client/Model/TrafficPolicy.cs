using System.Collections.Immutable;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Model;

/// <summary>
/// What a source says of how a service is called, beside its endpoints. A setting of the application's section for the service stands over
/// it, and it over the defaults of configuration (design.md §5). What is null it says nothing of.
/// </summary>
internal sealed record TrafficPolicy
{
    /// <summary>How latency is weighed.</summary>
    public EwmaPolicy? Ewma { get; init; }

    /// <summary>How endpoints are picked.</summary>
    public LoadBalancingSettings? LoadBalancing { get; init; }

    /// <summary><see cref="FailureAccrualPolicy.Off"/> where the source is known to have none: that is not nothing.</summary>
    public FailureAccrualPolicy? FailureAccrual { get; init; }

    /// <summary>For calls that no route is for, and the one budget of the service.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>How long and how many calls wait for an endpoint.</summary>
    public WaitPolicy? Wait { get; init; }

    /// <summary>
    /// Where calls go. Null: to the service itself. Its routes' own settings stand over <see cref="Retry"/>.
    /// </summary>
    public RoutingPolicy? Routing { get; init; }

    /// <summary>
    /// Where calls go to a port whose bytes nobody looks into, in place of <see cref="Routing"/>. Null: to the service itself.
    /// </summary>
    public RoutingPolicy? BytesRouting { get; init; }

    /// <summary>What was left out and why, in words for a log and the status page.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];

    public bool Equals(TrafficPolicy? other) =>
        other is not null
        && Ewma == other.Ewma
        && LoadBalancing == other.LoadBalancing
        && FailureAccrual == other.FailureAccrual
        && Retry == other.Retry
        && Wait == other.Wait
        && Routing == other.Routing
        && BytesRouting == other.BytesRouting
        && Problems.AsSpan().SequenceEqual(other.Problems.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Ewma, FailureAccrual, Retry, Wait, Routing, Problems.Length);
}
