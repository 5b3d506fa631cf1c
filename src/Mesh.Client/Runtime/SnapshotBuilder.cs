using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>Makes a service's next snapshot, off the request path. What stayed keeps its load, health and connections.</summary>
internal sealed class SnapshotBuilder(
    Func<EndpointTarget, FailureAccrualPolicy, EndpointRuntime> create,
    TransportChoice transports,
    CustomBalancers customBalancers,
    TimeProvider time)
{
    private readonly RoundRobinTurn _turn = new();

    public ServiceSnapshot Build(ServicePolicy policy, EndpointSet set, ServiceSnapshot? previous)
    {
        if (previous?.Policy == policy && previous.Set.Endpoints.AsSpan().SequenceEqual(set.Endpoints.AsSpan()))
        {
            return previous with { Set = set };
        }

        Endpoint[] specs = [.. set.Endpoints];
        EndpointKey key = policy.LoadBalancing.EndpointKey;
        Array.Sort(specs, (a, b) => Compare(key, a, b));
        WeightedKey[] keys = Array.ConvertAll(specs, spec => new WeightedKey(key.Of(spec), spec.Weight));

        Dictionary<EndpointTarget, EndpointRuntime> stayed = previous is null ? [] : previous.Endpoints.ToDictionary(e => e.Target);
        EndpointRuntime[] endpoints = Array.ConvertAll(specs, spec =>
        {
            var target = new EndpointTarget(spec.Address, transports.Of(spec.Transport));
            return stayed.GetValueOrDefault(target) ?? create(target, policy.FailureAccrual);
        });

        if (previous is not null && previous.Policy.FailureAccrual != policy.FailureAccrual)
        {
            Array.ForEach(endpoints, endpoint => endpoint.AccrualPolicy = policy.FailureAccrual);
        }

        Balancers balancers = previous?.Balancers is { } old && old.Serves(policy.LoadBalancing, keys)
            ? old
            : new Balancers(policy.LoadBalancing, keys, _turn, time);
        if (previous is not null && balancers != previous.Balancers)
        {
            balancers.Warm(previous.Balancers);
        }

        CustomPicks? custom = customBalancers.For(policy.LoadBalancing, specs, previous?.Custom);
        RetryPipeline retry = previous is not null && previous.Policy.Retry == policy.Retry
            ? previous.Retry
            : new RetryPipeline(new RetryRules(policy.Retry), time);
        return new ServiceSnapshot(policy, set, endpoints, balancers, custom, retry);
    }

    // Envoy's order: by key, then address, then weight. The order on the wire never matters, also where two endpoints share a key, as
    // the old and the new instance do during a rollout.
    private static int Compare(EndpointKey key, Endpoint a, Endpoint b)
    {
        int order = string.CompareOrdinal(key.Of(a), key.Of(b));
        order = order != 0 ? order : string.CompareOrdinal(a.Address.Text, b.Address.Text);
        return order != 0 ? order : a.Weight.CompareTo(b.Weight);
    }
}
