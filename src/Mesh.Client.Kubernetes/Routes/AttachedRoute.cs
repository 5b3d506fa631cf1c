using k8s.Models;
using Mesh.Client.Kubernetes.Routes.Objects;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>A route that is for the Service.</summary>
internal sealed class AttachedRoute
{
    // What the API server puts where none are written: every call, and nowhere to send it.
    private static readonly HttpRouteRule[] NoHttpRules = [new()];
    private static readonly GrpcRouteRule[] NoGrpcRules = [new()];

    public AttachedRoute(HttpRoute route)
        : this(HttpRoute.KindName, route.Metadata)
    {
        IEnumerable<HttpRouteRule> rules = route.Spec?.Rules is { Count: > 0 } given ? given : NoHttpRules;
        Rules =
        [
            .. rules.Select((rule, i) => new RouteRule(this, i, rule.Name)
            {
                HttpMatches = rule.Matches,
                Filters = rule.Filters ?? [],
                Backends = rule.BackendRefs ?? [],
                Timeouts = rule.Timeouts,
                Retry = rule.Retry,
                HasSessionPersistence = rule.SessionPersistence is not null,
            }),
        ];
    }

    public AttachedRoute(GrpcRoute route)
        : this(GrpcRoute.KindName, route.Metadata)
    {
        IsGrpc = true;
        IEnumerable<GrpcRouteRule> rules = route.Spec?.Rules is { Count: > 0 } given ? given : NoGrpcRules;
        Rules =
        [
            .. rules.Select((rule, i) => new RouteRule(this, i, rule.Name)
            {
                GrpcMatches = rule.Matches,
                Filters = rule.Filters ?? [],
                Backends = rule.BackendRefs ?? [],
                HasSessionPersistence = rule.SessionPersistence is not null,
            }),
        ];
    }

    private AttachedRoute(string kind, V1ObjectMeta metadata)
    {
        Kind = kind;
        Metadata = metadata;
        Name = $"{kind}/{metadata.NamespaceProperty}/{metadata.Name}";
    }

    public bool IsGrpc { get; }

    public string Kind { get; }

    public V1ObjectMeta Metadata { get; }

    public string Namespace => Metadata.NamespaceProperty ?? "";

    /// <summary><c>HTTPRoute/shop/catalog</c>.</summary>
    public string Name { get; }

    public IReadOnlyList<RouteRule> Rules { get; } = [];
}
