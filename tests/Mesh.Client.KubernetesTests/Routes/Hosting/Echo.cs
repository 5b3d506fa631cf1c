namespace Mesh.Client.KubernetesTests.Routes.Hosting;

/// <summary>The cluster that the Gateway API's mesh conformance tests are about: a frontend, and two versions behind it.</summary>
internal static class Echo
{
    public const string Space = "mesh";

    public static readonly string Services = string.Join(
        "\n---\n",
        RouteReading.Service("echo", "80,8080", Space),
        RouteReading.Service("echo-v1", "80,8080", Space),
        RouteReading.Service("echo-v2", "80,8080", Space));

    public static string Route(string rules, string parent = "name: echo, port: 80", string space = Space, string name = "route") => $"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {"{"} name: {name}, namespace: {space} {"}"}
        spec:
          parentRefs: [ {"{"} group: "", kind: Service, {parent} {"}"} ]
          rules:
          {rules.ReplaceLineEndings("\n  ")}
        """;

    public static Task<RoutedCluster> StartAsync(params string[] routes) => StartAsync(Space, routes);

    public static Task<RoutedCluster> StartAsync(string caller, string[] routes) =>
        RoutedCluster.StartAsync(string.Join("\n---\n", [Services, .. routes]), caller);
}
