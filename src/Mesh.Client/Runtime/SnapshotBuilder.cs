using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>Makes a service's next snapshot, off the request path. What stayed keeps its load, health and connections.</summary>
internal sealed class SnapshotBuilder(ServiceRuntime service)
{
    private readonly RoundRobinTurn _turn = new();
    private LoadClock _clock = service.Services.LoadClock;

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

        Balancers balancers = previous?.Balancers is { } old && old.Serves(policy.LoadBalancing, keys)
            ? old
            : new Balancers(policy.LoadBalancing, keys, _turn);
        if (previous is not null && balancers != previous.Balancers)
        {
            balancers.Warm(previous.Balancers);
        }

        CustomPicks? custom = policy.LoadBalancing.CustomName is null
            ? null
            : service.CustomBalancers.For(policy.LoadBalancing, specs, previous?.Custom);
        RetryPipeline retry = previous is not null && previous.Policy.Retry == policy.Retry
            ? previous.Retry
            : new RetryPipeline(RetryRules.Of(policy.Retry), service.Time);
        BudgetOfPolicy budget = previous is not null && previous.Policy.Retry.Budget == policy.Retry.Budget
            ? previous.Budget
            : new BudgetOfPolicy(policy.Retry.Budget, service.Time);
        ServiceLimits? limits = previous is not null && previous.Policy.Limits == policy.Limits
            ? previous.Limits
            : ServiceLimits.Next(policy.Limits, previous?.Limits, service.Time);

        RoutePlans? routes = policy.Routing is not { } routing ? null
            : previous is not null && previous.Retry == retry && previous.Routes?.Policy == routing ? previous.Routes
            : new RoutePlans(routing, service, retry, previous?.Routes);

        // Last: an endpoint counts for its service's health from its making on, and what is above may throw.
        EndpointRuntime[] endpoints = Find(specs, keys, previous);
        _clock = _clock.Under(policy.LoadBalancing.Ewma);
        for (int i = 0; i < specs.Length; i++)
        {
            EndpointTransport transport = service.Services.Transports.Of(specs[i].Transport);
            if (endpoints[i]?.Transport != transport)
            {
                endpoints[i] = new EndpointRuntime(new EndpointTarget(specs[i].Address, transport), service, _clock);
            }

            endpoints[i].Load.Clock = _clock;
            if (service.Services.LinkerdNames is { } names)
            {
                endpoints[i].Describe(specs[i].Labels, names);
            }
        }

        return new ServiceSnapshot(policy, set, endpoints, balancers, custom, retry, budget, limits, routes);
    }

    // Both are in the same order, so one walk finds nearly all; what changed its key or its weight is found by its address.
    // Null stands for what is new.
    private static EndpointRuntime[] Find(Endpoint[] specs, WeightedKey[] keys, ServiceSnapshot? previous)
    {
        var found = new EndpointRuntime[specs.Length];
        EndpointRuntime[] before = previous?.Endpoints ?? [];
        ReadOnlySpan<WeightedKey> keysBefore = previous is null ? default : previous.Balancers.Keys;
        Dictionary<EndpointAddress, EndpointRuntime> elsewhere = [];
        int next = 0;
        for (int old = 0; old < before.Length; old++)
        {
            while (next < specs.Length && Compare(keys[next], specs[next].Address, keysBefore[old], before[old].Address) < 0)
            {
                next++;
            }

            if (next < specs.Length && Compare(keys[next], specs[next].Address, keysBefore[old], before[old].Address) == 0)
            {
                found[next++] = before[old];
            }
            else
            {
                elsewhere[before[old].Address] = before[old];
            }
        }

        for (int i = 0; i < found.Length && elsewhere.Count > 0; i++)
        {
            found[i] ??= elsewhere.GetValueOrDefault(specs[i].Address)!;
        }

        return found;
    }

    // Envoy's order: by key, then address, then weight. The order on the wire never matters, also where two endpoints share a key, as
    // the old and the new instance do during a rollout.
    private static int Compare(EndpointKey key, Endpoint a, Endpoint b) =>
        Compare(new WeightedKey(key.Of(a), a.Weight), a.Address, new WeightedKey(key.Of(b), b.Weight), b.Address);

    private static int Compare(WeightedKey a, EndpointAddress atA, WeightedKey b, EndpointAddress atB)
    {
        int order = ReferenceEquals(a.Key, b.Key) ? 0 : string.CompareOrdinal(a.Key, b.Key);
        order = order != 0 || ReferenceEquals(atA, atB) ? order : string.CompareOrdinal(atA.Text, atB.Text);
        return order != 0 ? order : a.Weight.CompareTo(b.Weight);
    }
}
