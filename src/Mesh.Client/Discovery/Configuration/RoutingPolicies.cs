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
internal sealed class RoutingPolicies(ServiceNames names, ServiceName service, Layers<MeshServiceOptions> layers, RetryPolicy retry)
{
    private readonly ImmutableArray<RouteFilter> _filters = FilterPolicies.Of(layers.Object(o => o.Filters), names, service);
    private readonly Layers<RetryOptions> _retry = layers.Group(o => o.Retry);
    private readonly Layers<MeshTimeoutOptions> _timeouts = layers.Group(o => o.Timeouts);
    private readonly Layers<MeshHedgingOptions> _hedging = layers.Group(o => o.Hedging);

    /// <summary>Null where calls need none of what a route can do.</summary>
    public RoutingPolicy? Make()
    {
        ImmutableArray<RoutePolicy> routes = [.. (layers.Object(o => o.Routes) ?? []).Select(Route)];
        var otherwise = new RoutePolicy(RoutingPolicy.DefaultName)
        {
            Filters = _filters,
            Retry = retry,
            Timeouts = TimeoutPolicies.Timeouts(_timeouts),
            Hedging = TimeoutPolicies.Hedging(_hedging),
        };
        return routes.IsEmpty && _filters.IsEmpty && otherwise.Timeouts == TimeoutPolicy.None && otherwise.Hedging is null
            ? null
            : new RoutingPolicy(routes, otherwise);
    }

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
