using Mesh.Client.Kubernetes.Routes.Objects;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>Whether a route may send calls to a Service of another namespace, where that is asked at all.</summary>
internal static class ReferenceGrants
{
    private const string Group = "gateway.networking.k8s.io";
    private const string ImportGroup = "multicluster.x-k8s.io";

    /// <summary>Whether a grant is needed: the Service whose route it is needs none, nor does one of the route's own namespace.</summary>
    public static bool Needs(RouteScope scope, AttachedRoute route, BackendName backend) =>
        scope.RequireGrants
        && backend.Namespace != route.Namespace
        && (backend.IsImport || backend.Namespace != scope.ServiceNamespace || backend.Name != scope.ServiceObjectName);

    public static bool Permit(IEnumerable<ReferenceGrant> grants, AttachedRoute route, BackendName backend) =>
        grants.Any(grant => grant.Metadata?.NamespaceProperty == backend.Namespace
            && (grant.Spec?.From?.Any(from => IsFrom(from, route)) ?? false)
            && (grant.Spec?.To?.Any(to => IsTo(to, backend)) ?? false));

    private static bool IsFrom(GrantFrom from, AttachedRoute route) =>
        from.Group == Group && from.Kind == route.Kind && from.Namespace == route.Namespace;

    private static bool IsTo(GrantTo to, BackendName backend) =>
        (backend.IsImport ? to is { Group: ImportGroup, Kind: "ServiceImport" } : to is { Group: "" or "core", Kind: "Service" })
        && (string.IsNullOrEmpty(to.Name) || to.Name == backend.Name);
}
