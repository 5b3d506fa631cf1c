using System.Collections.Immutable;
using System.Globalization;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>Where a rule's calls go. The share of a backend that is not there is answered with 500, UNAVAILABLE for a GRPCRoute.</summary>
internal sealed class RouteBackends
{
    private const int Internal = 13;
    private const int Unavailable = 14;

    private readonly RouteScope _scope;
    private readonly RouteProblems _problems;
    private readonly RouteFilters _filters;

    public RouteBackends(RouteScope scope, RouteProblems problems)
    {
        _scope = scope;
        _problems = problems;
        _filters = new RouteFilters(this);
    }

    /// <summary>Adds filters and backends to a route.</summary>
    public RoutePolicy AddTo(RoutePolicy route, RouteRule rule)
    {
        try
        {
            route = route with { Filters = _filters.Read(rule.Filters, rule, rule.Place) };
        }
        catch (UnreadablePartException e)
        {
            _problems.Add($"{e.Message}; the rule's calls fail");
            return route with { Filters = [Fails(rule, e.Message)] };
        }

        if (route.Filters.Any(filter => filter is RedirectFilter))
        {
            return route;
        }

        ImmutableArray<RouteBackend> backends = [.. rule.Backends.Select((reference, i) => Read(reference, i, rule))];
        if (backends.All(backend => backend.Weight == 0))
        {
            string problem = backends.IsEmpty ? $"{rule.Place} has no backendRefs" : $"{rule.Place}.backendRefs have no weight";
            _problems.Add($"{problem}; its calls fail");
            return route with { Filters = [Fails(rule, problem)] };
        }

        bool isOwn = backends is [{ Filters.IsEmpty: true } only] && only.Service == _scope.Service;
        return isOwn ? route : route with { Backends = backends };
    }

    /// <summary>The service that a reference names; null where it may not be called, which is reported.</summary>
    public ServiceName? Find(BackendReference reference, RouteRule rule, string place)
    {
        (ServiceName? service, string? problem) = Find(reference, rule.Route);
        if (problem is not null)
        {
            _problems.Add($"{place}: {problem}");
        }

        return service;
    }

    private RouteBackend Read(BackendReference reference, int index, RouteRule rule)
    {
        string place = string.Create(CultureInfo.InvariantCulture, $"{rule.Place}.backendRefs[{index}]");
        int weight = Math.Max(reference.Weight ?? 1, 0);
        (ServiceName? service, string? problem) = Find(reference, rule.Route);
        ImmutableArray<RouteFilter> filters = [];
        try
        {
            filters = _filters.Read(reference.Filters, rule, place);
        }
        catch (UnreadablePartException e)
        {
            problem = e.Message[(place.Length + 1)..];
        }

        if (problem is null)
        {
            return new RouteBackend(service!, weight) { Filters = filters };
        }

        // The service stands in its place, and gets none of its calls.
        _problems.Add($"{place}: {problem}; its share of the calls fails");
        return new RouteBackend(_scope.Service, weight) { Filters = [Fails(rule, $"{place}: {problem}")] };
    }

    private (ServiceName? Service, string? Problem) Find(BackendReference reference, AttachedRoute route)
    {
        if (!ServiceReferences.TryRead(reference, route, _scope, out BackendName name, out string? problem))
        {
            return (null, problem);
        }

        ServiceName service = ServiceReferences.ServiceOf(name, _scope);
        return service == _scope.Service ? (_scope.Service, null)
            : ReferenceGrants.Needs(_scope, route, name) && !ReferenceGrants.Permit(_scope.Grants(name.Namespace), route, name)
                ? (null, $"no ReferenceGrant lets it name {ServiceReferences.Describe(name)}")
            : _scope.Backend(name) is BackendAnswer.Missing ? (null, $"{ServiceReferences.Describe(name)} does not exist")
            : (service, null);
    }

    private static FaultFilter Fails(RouteRule rule, string why) =>
        new(new FaultAbort(500, rule.Route.IsGrpc ? Unavailable : Internal, why, 1), Delay: null);
}
