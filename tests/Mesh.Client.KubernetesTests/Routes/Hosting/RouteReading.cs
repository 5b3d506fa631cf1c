using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.KubernetesTests.Routes.Hosting;

/// <summary>Reads policies from manifests. The service is <c>catalog</c> of <c>shop</c> at port 80, unless told otherwise.</summary>
internal static class RouteReading
{
    public const string Space = "shop";

    public static RouteScope Scope(
        this Manifests manifests, string caller = Space, string service = "catalog", int port = 80, string space = Space) => new()
        {
            Service = new ServiceName($"{service}.{space}.svc.cluster.local", port),
            ServiceNamespace = space,
            ServiceObjectName = service,
            Object = manifests.Services.SingleOrDefault(o => o.Metadata.Name == service && o.Metadata.NamespaceProperty == space),
            CallerNamespace = caller,
            ClusterDomain = "cluster.local",
            HttpRoutes = manifests.HttpRoutes,
            GrpcRoutes = manifests.GrpcRoutes,
            Backend = name => manifests.Answer(name),
            Grants = space => [.. manifests.Grants.Where(grant => grant.Metadata.NamespaceProperty == space)],
        };

    public static TrafficPolicy Policy(string yaml, string caller = Space, int port = 80) =>
        TrafficPolicyReader.Read(Manifests.Read(yaml).Scope(caller, port: port));

    /// <summary>The names of the routes that are for a caller.</summary>
    public static string[] Names(string yaml, string caller = Space, int port = 80) =>
        [.. (Policy(yaml, caller, port).Routing?.Routes ?? []).Select(route => route.Name)];

    /// <summary>A route for <c>catalog</c> of <c>shop</c>, whose one rule is this.</summary>
    public static string Http(string rule, string name = "route", string space = Space, string parent = "") => $"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {"{"} name: {name}, namespace: {space} {"}"}
        spec:
          parentRefs: [ {"{"} group: "", kind: Service, name: catalog, namespace: shop{parent} {"}"} ]
          rules:
          - {rule.ReplaceLineEndings("\n    ")}
        """;

    /// <summary>The one route that a rule becomes.</summary>
    public static RoutePolicy Rule(string rule, params string[] others) =>
        Policy(string.Join("\n---\n", [Http(rule), .. others])).Routing!.Routes.Single();

    public static string Service(string name, string ports = "80", string space = Space, string annotations = "{}") => $"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {name}
          namespace: {space}
          annotations: {annotations}
        spec:
          ports: [ {string.Join(", ", ports.Split(',').Select(port => $"{{ name: p{port}, port: {port} }}"))} ]
        """;

    private static BackendAnswer Answer(this Manifests manifests, BackendName name) =>
        manifests.Services.Any(service => service.Metadata.Name == name.Name
            && service.Metadata.NamespaceProperty == name.Namespace
            && service.Spec.Ports.Any(port => port.Port == name.Port))
            ? BackendAnswer.Known
            : BackendAnswer.Missing;
}
