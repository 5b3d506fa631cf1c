using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>Query parameters, alone, beside others, and against a longer path.</summary>
public sealed class QueryParamTests
{
    private static readonly string Route = Echo.Route("""
        - matches: [ { queryParams: [ { name: fish, value: trout } ] } ]
          backendRefs: [ { name: echo-v1, port: 8080 } ]
        - matches: [ { queryParams: [ { name: fish, value: salmon } ] } ]
          backendRefs: [ { name: echo-v2, port: 8080 } ]
        - matches: [ { headers: [ { name: version, value: one } ], queryParams: [ { name: fish, value: trout } ] } ]
          backendRefs: [ { name: echo-v2, port: 8080 } ]
        - matches:
          - path: { type: PathPrefix, value: /lake }
            queryParams: [ { name: fish, value: pike } ]
          - path: { type: PathPrefix, value: /sea }
            headers: [ { name: version, value: three } ]
            queryParams: [ { name: fish, value: cod } ]
          backendRefs: [ { name: echo-v1, port: 8080 } ]
        - matches: [ { path: { type: PathPrefix, value: /pond } } ]
          backendRefs: [ { name: echo-v1, port: 8080 } ]
        - matches: [ { queryParams: [ { name: fish, value: carp } ] } ]
          backendRefs: [ { name: echo-v2, port: 8080 } ]
        """);

    [Theory]
    [InlineData("/?fish=trout", null, "echo-v1")]
    [InlineData("/?fish=trout&more=1", null, "echo-v1")]
    [InlineData("/?fish=salmon&more=1", null, "echo-v2")]
    [InlineData("/?fish=trout", "one", "echo-v2")]
    [InlineData("/lake?fish=pike", null, "echo-v1")]
    [InlineData("/sea?fish=cod", "three", "echo-v1")]
    [InlineData("/pond?fish=carp", null, "echo-v1")]
    [InlineData("/?fish=carp", null, "echo-v2")]
    public async Task The_closest_match_decides(string target, string? version, string service)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route);

        RoutedAnswer answer = await cluster.AskAsync(
            $"http://echo{target}", headers: version is null ? [] : [("version", version)]);

        Assert.Equal(service, answer.Service);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/?bird=tit")]
    [InlineData("/?fish=perch")]
    [InlineData("/?fish=troutsalmon")]
    [InlineData("/?fish=pike")]
    [InlineData("/sea?fish=cod")]
    public async Task What_no_rule_is_for_goes_nowhere(string target)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route);

        Assert.Equal(MeshFailure.NoRoute, (await cluster.AskAsync($"http://echo{target}")).Failure);
    }
}
