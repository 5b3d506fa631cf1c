using System.Globalization;
using Mesh.Client.Kubernetes.Routes.Objects;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>One rule of a route, of either kind: the two have nearly the same parts.</summary>
/// <param name="Route">Whose rule it is.</param>
/// <param name="Index">Its place in the route.</param>
/// <param name="Name">Null: it has none.</param>
internal sealed record RouteRule(AttachedRoute Route, int Index, string? Name)
{
    public IList<HttpMatchObject>? HttpMatches { get; init; }

    public IList<GrpcMatchObject>? GrpcMatches { get; init; }

    public IList<RouteFilterObject> Filters { get; init; } = [];

    public IList<BackendReference> Backends { get; init; } = [];

    public RouteTimeouts? Timeouts { get; init; }

    public RouteRetry? Retry { get; init; }

    public bool HasSessionPersistence { get; init; }

    /// <summary>For problems: <c>HTTPRoute/shop/catalog rules[1]</c>.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{Route.Name} rules[{Index}]");

    /// <summary>
    /// For call info and metrics: the route's and the rule's own, or its place but for the first (as Linkerd's are read).
    /// </summary>
    public string FullName =>
        Name is { Length: > 0 } name ? $"{Route.Name}/{name}"
        : Index == 0 ? Route.Name
        : string.Create(CultureInfo.InvariantCulture, $"{Route.Name}#{Index + 1}");
}
