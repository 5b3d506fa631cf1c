using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>Rewritten paths, with changes of headers beside them.</summary>
public sealed class RewriteTests
{
    [Theory]
    [InlineData("/prefix/one", "ReplacePrefixMatch, replacePrefixMatch: /one", "/prefix/one/two?q=1", "/one/two?q=1")]
    [InlineData("/strip", "ReplacePrefixMatch, replacePrefixMatch: /", "/strip/three", "/three")]
    [InlineData("/strip", "ReplacePrefixMatch, replacePrefixMatch: ''", "/strip/three", "/three")]
    [InlineData("/strip", "ReplacePrefixMatch, replacePrefixMatch: /", "/strip", "/")]
    [InlineData("/", "ReplacePrefixMatch, replacePrefixMatch: /inner", "/three", "/inner/three")]
    [InlineData("/full/one", "ReplaceFullPath, replaceFullPath: /one", "/full/one/two", "/one")]
    public async Task The_service_sees_another_path(string prefix, string change, string path, string seen)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route(prefix, change));

        RoutedAnswer answer = await cluster.AskAsync(
            $"http://echo{path}", headers: [("X-Header-Remove", "1"), ("X-Header-Add-Append", "a"), ("X-Header-Set", "old")]);

        Assert.Equal(("echo-v1", seen), (answer.Service, answer.Path));
        Assert.Equal(("new", "a, b", "inner.example"), (answer.Saw("X-Header-Set"), answer.Saw("X-Header-Add-Append"), answer.Saw("Host")));
        Assert.Null(answer.Saw("X-Header-Remove"));
    }

    private static string Route(string prefix, string change) => Echo.Route($$"""
        - matches: [ { path: { type: PathPrefix, value: {{prefix}} } } ]
          filters:
          - type: URLRewrite
            urlRewrite: { hostname: inner.example, path: { type: {{change}} } }
          - type: RequestHeaderModifier
            requestHeaderModifier:
              set: [ { name: X-Header-Set, value: new } ]
              add: [ { name: X-Header-Add-Append, value: b } ]
              remove: [ X-Header-Remove ]
          backendRefs: [ { name: echo-v1, port: 80 } ]
        """);
}
