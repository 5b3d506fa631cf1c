using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>A route is for calls to its Service, by whatever name, whatever the Host header says.</summary>
public sealed class FrontendTests
{
    private static readonly string Route = Echo.Route("""
        - filters: [ { type: ResponseHeaderModifier, responseHeaderModifier: { set: [ { name: X-Header-Set, value: set } ] } } ]
          backendRefs: [ { name: echo-v2, port: 80 } ]
        """, "name: echo-v2");

    [Theory]
    [InlineData("http://echo-v2")]
    [InlineData("http://echo-v2.mesh")]
    [InlineData("http://echo-v2.mesh.svc")]
    [InlineData("http://echo-v2.mesh.svc.cluster.local")]
    [InlineData("http://ECHO-V2.mesh.svc.cluster.local.:8080")]
    public async Task Every_form_of_the_name_takes_the_route(string uri)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route);

        RoutedAnswer answer = await cluster.AskAsync(uri);

        Assert.Equal(("echo-v2", "set"), (answer.Service, answer.Headers.GetValueOrDefault("X-Header-Set")));
    }

    [Theory]
    [InlineData("http://echo-v2", "echo-v1", "echo-v2", "set")]
    [InlineData("http://echo-v1", "echo-v2", "echo-v1", null)]
    public async Task The_host_header_decides_nothing(string uri, string host, string service, string? expected)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Route);

        RoutedAnswer answer = await cluster.AskAsync(uri, headers: ("Host", host));

        Assert.Equal((service, host), (answer.Service, answer.Saw("Host")));
        Assert.Equal(expected, answer.Headers.GetValueOrDefault("X-Header-Set"));
    }

    [Fact]
    public async Task Hostnames_of_the_route_decide_nothing()
    {
        await using RoutedCluster cluster = await Echo.StartAsync(
            Route.Replace("spec:", "spec:\n  hostnames: [ elsewhere.example ]", StringComparison.Ordinal));

        Assert.Equal("set", (await cluster.AskAsync("http://echo-v2")).Headers.GetValueOrDefault("X-Header-Set"));
    }
}
