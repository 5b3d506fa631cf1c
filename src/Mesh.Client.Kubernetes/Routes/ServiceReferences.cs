using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>What routes' references name.</summary>
internal static class ServiceReferences
{
    private const string ImportGroup = "multicluster.x-k8s.io";

    public static bool IsService(string? group, string? kind) => kind is "Service" && IsCore(group);

    /// <param name="reference">A backend's, or where copies go.</param>
    /// <param name="route">Whose reference it is.</param>
    /// <param name="scope">Whose policy it is for.</param>
    /// <param name="problem">Why it names no backend, in words that follow its place.</param>
    public static bool TryRead(
        BackendReference reference,
        AttachedRoute route,
        RouteScope scope,
        out BackendName name,
        [NotNullWhen(false)] out string? problem)
    {
        bool isImport = reference is { Group: ImportGroup, Kind: "ServiceImport" };
        int? port = reference.Port ?? (isImport ? scope.Service.Port : null);
        name = new BackendName(reference.Namespace ?? route.Namespace, reference.Name ?? "", port ?? 0, isImport);
        problem = !isImport && !IsService(reference.Group, reference.Kind ?? "Service")
                ? $"{reference.Kind}.{reference.Group} is no kind of backend"
            : port is not (>= 1 and <= 65535) ? "it names no port"
            : DnsNames.Problem(HostOf(name, scope)) is { } wrong ? $"'{HostOf(name, scope)}' {wrong}"
            : null;
        return problem is null;
    }

    /// <summary>The service as a caller would name it.</summary>
    public static ServiceName ServiceOf(BackendName name, RouteScope scope) => new(HostOf(name, scope), name.Port);

    /// <summary>For problems: <c>Service shop/catalog:80</c>.</summary>
    public static string Describe(BackendName name) => string.Create(
        CultureInfo.InvariantCulture, $"{(name.IsImport ? "ServiceImport" : "Service")} {name.Namespace}/{name.Name}:{name.Port}");

    private static string HostOf(BackendName name, RouteScope scope) =>
        $"{name.Name}.{name.Namespace}.svc.{(name.IsImport ? "clusterset.local" : scope.ClusterDomain)}";

    // Linkerd's users write core.
    private static bool IsCore(string? group) => group is null or "" or "core";
}
