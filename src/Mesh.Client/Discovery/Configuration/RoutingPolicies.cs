using System.Collections.Immutable;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Makes where a service's calls go. A route is one more place, the most specific, for the settings that a service has too. Expects valid
/// options.
/// </summary>
/// <param name="names">What completes the names of backends.</param>
/// <param name="service">Whose calls.</param>
/// <param name="layers">The places that say something about the service.</param>
/// <param name="retry">What holds for calls that no route says otherwise for.</param>
/// <param name="said">
/// Where the service's source sends its calls; null: nowhere in particular. Routes that are written for the service replace the source's;
/// else what is written for the service stands over each of them.
/// </param>
internal sealed class RoutingPolicies(
    ServiceNames names, ServiceName service, Layers<MeshServiceOptions> layers, RetryPolicy retry, RoutingPolicy? said = null)
{
    private readonly ImmutableArray<RouteFilter> _filters = FilterPolicies.Of(layers.Object(o => o.Filters), names, service);
    private readonly bool _ownFilters = layers.Own.Object(o => o.Filters) is not null;
    private readonly Layers<RetryOptions> _retry = layers.Group(o => o.Retry);
    private readonly Layers<MeshTimeoutOptions> _timeouts = layers.Group(o => o.Timeouts);
    private readonly Layers<MeshHedgingOptions> _hedging = layers.Group(o => o.Hedging);

    /// <summary>Null where calls need none of what a route can do.</summary>
    public RoutingPolicy? Make()
    {
        if (said is not null && layers.Own.Object(o => o.Routes) is null)
        {
            return Plain(said with { Routes = [.. said.Routes.Select(Said)], Default = Said(said.Default) });
        }

        ImmutableArray<RoutePolicy> routes = [.. (layers.Object(o => o.Routes) ?? []).Select(Route)];
        var otherwise = new RoutePolicy(RoutingPolicy.DefaultName)
        {
            Filters = _filters,
            Retry = retry,
            Timeouts = TimeoutPolicies.Timeouts(_timeouts),
            Hedging = TimeoutPolicies.Hedging(_hedging),
        };
        return Plain(new RoutingPolicy(routes, otherwise));
    }

    // Most services need none of it.
    private RoutingPolicy? Plain(RoutingPolicy routing) =>
        routing.Routes.IsEmpty && routing.Default == new RoutePolicy(RoutingPolicy.DefaultName) { Retry = retry } ? null : routing;

    /// <summary>A source's route, with what configuration says of the service's calls.</summary>
    private RoutePolicy Said(RoutePolicy route) => route with
    {
        Filters = _ownFilters || route.Filters.IsEmpty ? _filters : route.Filters,
        Retry = ReferenceEquals(route.Retry, RetryPolicy.Default) ? retry : RetryPolicies.Of(_retry, route.Retry),
        Timeouts = TimeoutPolicies.Timeouts(_timeouts, route.Timeouts),
        Hedging = _hedging.HasOwn ? TimeoutPolicies.Hedging(_hedging) : route.Hedging ?? TimeoutPolicies.Hedging(_hedging),
    };

    private RoutePolicy Route(MeshRouteOptions route, int index) => new(RouteNames.Of(route, index))
    {
        Hosts = [.. (route.Hosts ?? []).Select(RouteMatches.ToHost)],
        Matches = [.. RouteMatches.Of(route).Select(RouteMatches.ToMatch)],
        Backends = [.. (route.Backends ?? []).Select(Backend)],
        Choice = route.BackendChoice is MeshBackendChoice.FirstAvailable ? BackendChoice.FirstAvailable : BackendChoice.Weighted,
        Filters = route.Filters is { } own ? FilterPolicies.Of(own, names, service) : _filters,
        Retry = route.Retry is null ? retry : RetryPolicies.Of(_retry.Below(route.Retry)),
        Timeouts = TimeoutPolicies.Timeouts(_timeouts.Below(route.Timeouts)),
        Hedging = TimeoutPolicies.Hedging(_hedging.Below(route.Hedging)),
    };

    private RouteBackend Backend(MeshBackendOptions backend) =>
        new(BackendNames.Resolve(names, backend.Service, service.Port), backend.Weight)
        {
            Filters = FilterPolicies.Of(backend.Filters, names, service),
        };
}
