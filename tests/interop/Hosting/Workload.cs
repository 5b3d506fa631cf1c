using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.InteropTests.Hosting;

/// <summary>Manifests of what runs.</summary>
internal static class Workload
{
    /// <summary>The Service <c>web</c>, which selects nothing.</summary>
    public const string Bare = """
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { clusterIP: None, ports: [ { name: http, port: 80 } ] }
        """;

    private const string Container = """
        containers:
          - name: server
            image: none
            ports: [ { name: web, containerPort: 18080 }, { name: web2, containerPort: 18081 } ]
        """;

    /// <summary>One pod, with the label <c>app</c>.</summary>
    /// <param name="name">Of the pod, which it answers with.</param>
    /// <param name="app">The Service's.</param>
    /// <param name="more">Further lines of its spec.</param>
    /// <param name="mark">A label, or an annotation where its name says <c>mesh.client</c>: <c>name: value</c>.</param>
    /// <param name="environment">Of its process.</param>
    public static string Pod(
        string name, string app, string more = "", string? mark = null, Dictionary<string, string>? environment = null)
    {
        bool isAnnotation = mark?.StartsWith("mesh.client/", StringComparison.Ordinal) == true;
        string variables = JsonSerializer.Serialize(
            (environment ?? []).Select(variable => new { name = variable.Key, value = variable.Value }));
        return $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{name}}
              labels: { app: {{app}}{{(mark is null || isAnnotation ? "" : $", {mark}")}} }
              annotations: { {{(isAnnotation ? mark : "")}} }
            spec:
              {{more}}
              {{Container.Replace("\n", "\n  ", StringComparison.Ordinal)}}
                  env: {{variables}}
            """;
    }

    /// <summary>A Deployment that is rolled 25 % at a time, with no replica missing.</summary>
    public static string Deployment(string app, int replicas) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{app}} }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{app}} } }
          strategy: { rollingUpdate: { maxSurge: 25%, maxUnavailable: 0 } }
          template:
            metadata: { labels: { app: {{app}} } }
            spec:
              {{Container.Replace("\n", "\n      ", StringComparison.Ordinal)}}
        """;

    /// <summary>A route of a Service.</summary>
    /// <param name="name">Of the route.</param>
    /// <param name="parent">The Service's name, or more: <c>web, namespace: other</c>.</param>
    /// <param name="rules">In YAML's one-line form.</param>
    /// <param name="kind">Or GRPCRoute.</param>
    public static string Route(string name, string parent, string rules, string kind = "HTTPRoute") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{kind}}
        metadata: { name: {{name}} }
        spec:
          parentRefs: [ { group: "", kind: Service, name: {{parent}} } ]
          rules: {{rules}}
        """;

    /// <summary>A slice of <c>web</c> with one endpoint; the label says of what kind <c>web</c> is.</summary>
    public static string Slice(
        string name,
        TestNodeProcess server,
        string address,
        string conditions = "ready: true",
        string label = "kubernetes.io/service-name") => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: {{name}}, labels: { {{label}}: web } }
        addressType: {{(address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4")}}
        endpoints: [ { addresses: [ "{{address}}" ], conditions: { {{conditions}} } } ]
        ports: [ { name: http, port: {{server.Port}} } ]
        """;
}
