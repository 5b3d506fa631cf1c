using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Routes.Objects;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>
/// Which routes are for a Service and a caller (GEP-1426): those of the caller's namespace where there are any, else those of the
/// Service's own; of two kinds for one port the GRPCRoutes; the oldest first, then by name.
/// </summary>
internal static class RouteSelection
{
    /// <param name="problems">Takes what is passed over; null: nobody asks.</param>
    public static IReadOnlyList<AttachedRoute> Of(RouteScope scope, RouteProblems? problems)
    {
        List<AttachedRoute> attached =
        [
            .. scope.HttpRoutes.Where(route => IsFor(route, route.Spec?.ParentRefs, scope)).Select(route => new AttachedRoute(route)),
            .. scope.GrpcRoutes.Where(route => IsFor(route, route.Spec?.ParentRefs, scope)).Select(route => new AttachedRoute(route)),
        ];
        if (attached.Count == 0)
        {
            return attached;
        }

        bool isConsumed = attached.Exists(route => route.Namespace != scope.ServiceNamespace);
        attached.RemoveAll(route => route.Namespace != (isConsumed ? scope.CallerNamespace : scope.ServiceNamespace));
        attached.Sort(Compare);
        if (attached.Find(route => route.IsGrpc) is { } grpc)
        {
            foreach (AttachedRoute http in attached.Where(route => !route.IsGrpc))
            {
                problems?.Add($"{http.Name}: it is passed over, since {grpc.Name} is for the same port");
            }

            attached.RemoveAll(route => !route.IsGrpc);
        }

        return attached;
    }

    private static bool IsFor(IKubernetesObject<V1ObjectMeta> route, IList<ParentReference>? parents, RouteScope scope)
    {
        string? space = route.Metadata?.NamespaceProperty;
        return space is not null
            && (space == scope.ServiceNamespace || space == scope.CallerNamespace)
            && (parents?.Any(parent => IsFor(parent, space, scope)) ?? false);
    }

    private static bool IsFor(ParentReference parent, string space, RouteScope scope) =>
        ServiceReferences.IsService(parent.Group, parent.Kind)
        && parent.Name == scope.ServiceObjectName
        && (parent.Namespace ?? space) == scope.ServiceNamespace
        && (parent.Port is null || parent.Port == scope.Service.Port)
        && (string.IsNullOrEmpty(parent.SectionName) || IsPort(parent.SectionName, scope));

    private static bool IsPort(string name, RouteScope scope) =>
        scope.Object?.Spec?.Ports?.Any(port => port.Name == name && port.Port == scope.Service.Port) ?? false;

    private static int Compare(AttachedRoute a, AttachedRoute b)
    {
        int order = Created(a).CompareTo(Created(b));
        return order != 0 ? order : string.CompareOrdinal($"{a.Namespace}/{a.Metadata.Name}", $"{b.Namespace}/{b.Metadata.Name}");
    }

    private static DateTime Created(AttachedRoute route) => route.Metadata.CreationTimestamp ?? DateTime.MaxValue;
}
