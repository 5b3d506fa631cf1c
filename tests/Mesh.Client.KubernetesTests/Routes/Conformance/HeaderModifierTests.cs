using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>Changed headers, by the rule and by the backend, whatever their case.</summary>
public sealed class HeaderModifierTests
{
    private const string Request = """
        filters: [ { type: RequestHeaderModifier, requestHeaderModifier: {
          set: [ { name: X-Header-Set-1, value: one }, { name: X-Header-Set-2, value: two } ],
          add: [ { name: X-Header-Add-1, value: one }, { name: X-Header-Add-2, value: two } ],
          remove: [ X-Header-Remove-1, X-Header-Remove-2 ] } } ]
        """;

    private const string Response = """
        filters: [ { type: ResponseHeaderModifier, responseHeaderModifier: {
          set: [ { name: x-service, value: changed } ], add: [ { name: x-path, value: more } ], remove: [ saw-x-mine ] } } ]
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_requests(bool ofBackend)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route(Request, ofBackend));

        RoutedAnswer answer = await cluster.AskAsync("http://echo", headers:
        [
            ("x-header-SET-1", "old"), ("X-HEADER-ADD-1", "old"), ("x-header-remove-1", "old"), ("X-Header-Remove-2", "old"),
            ("x-mine", "1"),
        ]);

        Assert.Equal("echo-v1", answer.Service);
        Assert.Equal(("one", "two"), (answer.Saw("X-Header-Set-1"), answer.Saw("X-Header-Set-2")));
        Assert.Equal(("old, one", "two"), (answer.Saw("X-Header-Add-1"), answer.Saw("X-Header-Add-2")));
        Assert.Equal((null, null, "1"), (answer.Saw("X-Header-Remove-1"), answer.Saw("X-Header-Remove-2"), answer.Saw("x-mine")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_responses(bool ofBackend)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route(Response, ofBackend));

        RoutedAnswer answer = await cluster.AskAsync("http://echo/items", headers: ("x-mine", "1"));

        Assert.Equal(("changed", "/items, more", null), (answer.Service, answer.Path, answer.Saw("x-mine")));
    }

    private static string Route(string filters, bool ofBackend) => ofBackend
        ? Echo.Route($"- backendRefs:\n  - name: echo-v1\n    port: 8080\n    {filters.ReplaceLineEndings("\n    ")}")
        : Echo.Route($"- backendRefs: [ {{ name: echo-v1, port: 8080 }} ]\n  {filters.ReplaceLineEndings("\n  ")}");
}
