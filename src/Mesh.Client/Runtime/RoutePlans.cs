using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;
using Mesh.Client.Routing;

namespace Mesh.Client.Runtime;

/// <summary>All routes of a service, sorted and compiled once. Part of a snapshot, so that one state decides a call.</summary>
internal sealed class RoutePlans
{
    private readonly RoutePlan[] _plans;
    private readonly RouteTable<RoutePlan>? _table;
    private readonly RoutePlan? _otherwise;

    /// <param name="policy">The routes.</param>
    /// <param name="service">The service whose routes they are.</param>
    /// <param name="retry">The service's own schedule.</param>
    /// <param name="before">Those of the snapshot before: what did not change stays.</param>
    public RoutePlans(RoutingPolicy policy, ServiceRuntime service, RetryPipeline retry, RoutePlans? before)
    {
        Policy = policy;
        _plans = [.. policy.Routes.Select(Plan)];
        if (!policy.Routes.IsEmpty)
        {
            _table = new RouteTable<RoutePlan>(_plans.SelectMany(Entries), policy.FirstMatch);
        }

        if (policy.Routes.IsEmpty || policy.FirstMatch)
        {
            _otherwise = Plan(policy.Default);
            _plans = [.. _plans, _otherwise];
        }

        RoutePlan Plan(RoutePolicy route)
        {
            RoutePlan? old = Array.Find(before?._plans ?? [], plan => plan.Policy.Name == route.Name);
            return old is not null && old.IsMadeFor(route, retry) ? old : new RoutePlan(route, service, retry, old);
        }
    }

    public RoutingPolicy Policy { get; }

    /// <summary>In order; what takes the rest last.</summary>
    public IReadOnlyList<RoutePlan> Plans => _plans;

    /// <summary>The route that a request takes. False: there are routes, and none is for it.</summary>
    /// <param name="prefixLength">How much of the path the match's prefix took.</param>
    public bool TryFind(HttpRequestMessage request, [NotNullWhen(true)] out RoutePlan? plan, out int prefixLength)
    {
        RouteEntry<RoutePlan>? match = _table?.FindMatch(request);
        plan = match is null ? _otherwise : match.Rule;
        prefixLength = match?.PrefixLength ?? 0;
        return plan is not null;
    }

    public void Open() => Array.ForEach(_plans, plan => plan.Open());

    public void Close() => Array.ForEach(_plans, plan => plan.Close());

    // A match of several hosts or several matches of one route are several entries, all in the route's place.
    private IEnumerable<RouteEntry<RoutePlan>> Entries(RoutePlan plan, int place)
    {
        RoutePolicy policy = plan.Policy;
        IEnumerable<HostMatch?> hosts = policy.Hosts.IsEmpty ? [null] : policy.Hosts.Select(host => (HostMatch?)host);
        IEnumerable<RouteMatch> matches = policy.Matches.IsEmpty ? [new RouteMatch()] : policy.Matches;
        return from host in hosts
               from match in matches
               select new RouteEntry<RoutePlan>(host, match, place, plan, Policy.GatewayOrder);
    }
}
