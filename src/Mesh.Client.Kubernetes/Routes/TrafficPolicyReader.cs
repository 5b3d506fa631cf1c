using System.Collections.Immutable;
using Mesh.Client.Kubernetes.Routes.Annotations;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>
/// Turns the routes and annotations of a Service into a policy. Pure, and never throws: what makes no sense is left out with its reason.
/// </summary>
internal static class TrafficPolicyReader
{
    private static readonly TrafficPolicy Nothing = new();

    public static TrafficPolicy Read(RouteScope scope)
    {
        var problems = new RouteProblems();
        ObjectAnnotations annotations = Annotations(scope, problems);
        var reader = new RuleReader(scope, annotations, problems);
        ImmutableArray<RoutePolicy> routes = [.. RouteSelection.Of(scope, problems).SelectMany(reader.Read)];
        RetryPolicy? retry = RetryAnnotations.Read(annotations, http: true, grpc: true);
        TimeoutPolicy timeouts = TimeoutAnnotations.Read(annotations);
        var policy = new TrafficPolicy
        {
            Ewma = LoadAnnotations.Read(annotations),
            LoadBalancing = LoadBalancingAnnotations.Read(annotations, scope.Policies),
            FailureAccrual = FailureAccrualAnnotations.Read(annotations),
            Retry = retry,
            Routing = routes.IsEmpty && timeouts == TimeoutPolicy.None ? null : new RoutingPolicy(
                routes,
                new RoutePolicy(RoutingPolicy.DefaultName) { Retry = retry ?? RetryPolicy.Default, Timeouts = timeouts })
            {
                GatewayOrder = true,
            },
            Problems = problems.All,
        };
        return policy == Nothing ? Nothing : policy;
    }

    /// <summary>
    /// How a Service's endpoints are picked, for those whose policy another source says. Null: its annotations say nothing of it.
    /// </summary>
    public static (LoadBalancingSettings? Settings, ImmutableArray<string> Problems) ReadLoadBalancing(RouteScope scope)
    {
        var problems = new RouteProblems();
        return (LoadBalancingAnnotations.Read(Annotations(scope, problems), scope.Policies), problems.All);
    }

    /// <summary>
    /// What must be watched to read the policy. Neither <see cref="RouteScope.Backend"/> nor <see cref="RouteScope.Grants"/> is asked.
    /// </summary>
    public static RouteReferences References(RouteScope scope)
    {
        IReadOnlyList<AttachedRoute> routes = RouteSelection.Of(scope, problems: null);
        if (routes.Count == 0)
        {
            return RouteReferences.None;
        }

        var services = new HashSet<BackendName>();
        var namespaces = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttachedRoute route in routes)
        {
            foreach (BackendReference reference in route.Rules.SelectMany(ReferencesOf))
            {
                if (ServiceReferences.TryRead(reference, route, scope, out BackendName name, out _)
                    && ServiceReferences.ServiceOf(name, scope) != scope.Service)
                {
                    services.Add(name);
                    if (ReferenceGrants.Needs(scope, route, name))
                    {
                        namespaces.Add(name.Namespace);
                    }
                }
            }
        }

        return new RouteReferences([.. services], [.. namespaces]);
    }

    private static ObjectAnnotations Annotations(RouteScope scope, RouteProblems problems) =>
        new($"Service/{scope.ServiceNamespace}/{scope.ServiceObjectName}", scope.Object?.Metadata, problems);

    private static IEnumerable<BackendReference> ReferencesOf(RouteRule rule) =>
        rule.Backends
            .Concat(Mirrors(rule.Filters))
            .Concat(rule.Backends.SelectMany(backend => Mirrors(backend.Filters ?? [])));

    private static IEnumerable<BackendReference> Mirrors(IList<RouteFilterObject> filters) =>
        from filter in filters
        where filter.RequestMirror is not null
        select filter.RequestMirror!.BackendRef;
}
