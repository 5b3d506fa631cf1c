using System.Net;
using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>Retries over real calls: of a rule, of a route's annotations, of a Service's, whatever the method.</summary>
public sealed class RetryTests
{
    private const string Backends = "backendRefs: [ { name: echo-v1, port: 80 } ]";

    [Theory]
    [InlineData("retry: { attempts: 2, codes: [ 503 ], backoff: 1ms }", "{}", "{}", 3)]
    [InlineData("retry: { attempts: 2, codes: [ 500 ], backoff: 1ms }", "{}", "{}", 1)]
    [InlineData("name: x", "{ retry.linkerd.io/http: 5xx, retry.linkerd.io/limit: '3' }", "{}", 4)]
    [InlineData("name: x", "{}", "{ retry.linkerd.io/http: gateway-error }", 2)]
    [InlineData("name: x", "{ retry.linkerd.io/http: '500' }", "{ retry.linkerd.io/http: gateway-error }", 1)]
    public async Task A_call_is_tried_as_often_as_is_said(string rule, string ofRoute, string ofService, int attempts)
    {
        string route = Echo.Route($"- {rule}\n  {Backends}");
        await using RoutedCluster cluster = await RoutedCluster.StartAsync(
            $"""
            {RouteReading.Service("echo", space: Echo.Space, annotations: ofService)}
            ---
            {RouteReading.Service("echo-v1", space: Echo.Space)}
            ---
            {route.Replace("name: route,", $"name: route, annotations: {ofRoute},", StringComparison.Ordinal)}
            """,
            Echo.Space);

        RoutedAnswer answer = await cluster.AskAsync("http://echo", HttpMethod.Post, headers: ("x-answer", "503"));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, attempts), (answer.Status, answer.Attempts));
    }
}
