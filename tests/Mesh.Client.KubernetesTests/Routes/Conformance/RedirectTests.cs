using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>Redirects: scheme, host, port, path and status, each alone and together.</summary>
public sealed class RedirectTests
{
    [Theory]
    [InlineData("scheme: https", 302, "https://echo/old/item?q=1")]
    [InlineData("scheme: https, hostname: example.org", 302, "https://example.org/old/item?q=1")]
    [InlineData("scheme: https, statusCode: 301", 301, "https://echo/old/item?q=1")]
    [InlineData("scheme: https, port: 8443", 302, "https://echo:8443/old/item?q=1")]
    [InlineData("hostname: example.org", 302, "http://example.org/old/item?q=1")]
    [InlineData("hostname: example.org, statusCode: 301", 301, "http://example.org/old/item?q=1")]
    [InlineData("port: 8083", 302, "http://echo:8083/old/item?q=1")]
    [InlineData("port: 8083, hostname: example.org", 302, "http://example.org:8083/old/item?q=1")]
    [InlineData("path: { type: ReplacePrefixMatch, replacePrefixMatch: /new }", 302, "http://echo/new/item?q=1")]
    [InlineData("path: { type: ReplacePrefixMatch, replacePrefixMatch: / }", 302, "http://echo/item?q=1")]
    [InlineData("path: { type: ReplaceFullPath, replaceFullPath: /all }", 302, "http://echo/all?q=1")]
    [InlineData(
        "hostname: example.org, path: { type: ReplaceFullPath, replaceFullPath: /all }, statusCode: 301",
        301,
        "http://example.org/all?q=1")]
    [InlineData("hostname: example.org, statusCode: 303", 303, "http://example.org/old/item?q=1")]
    [InlineData("hostname: example.org, statusCode: 307", 307, "http://example.org/old/item?q=1")]
    [InlineData("hostname: example.org, statusCode: 308", 308, "http://example.org/old/item?q=1")]
    public async Task The_caller_is_sent_elsewhere(string redirect, int status, string location)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Echo.Route($$"""
            - matches: [ { path: { type: PathPrefix, value: /old } } ]
              filters: [ { type: RequestRedirect, requestRedirect: { {{redirect}} } } ]
            """));

        RoutedAnswer answer = await cluster.AskAsync("http://echo/old/item?q=1");

        Assert.Equal((status, location), ((int)answer.Status, answer.Location));
        Assert.Equal((null, 0), (answer.Service, answer.Attempts));
    }
}
