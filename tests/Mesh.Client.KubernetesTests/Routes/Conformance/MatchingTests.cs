using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>Paths and headers; each rule has two matches, of which one is enough.</summary>
public sealed class MatchingTests
{
    private static readonly string Route = Echo.Route("""
        - matches:
          - path: { type: PathPrefix, value: / }
          - headers: [ { name: version, value: one } ]
          backendRefs: [ { name: echo-v1, port: 8080 } ]
        - matches:
          - path: { type: PathPrefix, value: /v2 }
          - headers: [ { name: version, value: two } ]
          backendRefs: [ { name: echo-v2, port: 8080 } ]
        """);

    [Theory]
    [InlineData("/", null, "echo-v1")]
    [InlineData("/items", null, "echo-v1")]
    [InlineData("/", "one", "echo-v1")]
    [InlineData("/v2", null, "echo-v2")]
    [InlineData("/v2/", null, "echo-v2")]
    [InlineData("/v2/items", null, "echo-v2")]
    [InlineData("/", "two", "echo-v2")]
    [InlineData("/v2items", null, "echo-v1")]
    [InlineData("/items/v2/1", null, "echo-v1")]
    [InlineData("/v2", "one", "echo-v2")]
    public async Task A_call_takes_the_closest_match(string path, string? version, string service)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route);

        RoutedAnswer answer = await cluster.AskAsync(
            $"http://echo{path}", headers: version is null ? [] : [("Version", version)]);

        Assert.Equal(service, answer.Service);
    }
}
