using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>A route of one port leaves the others alone; one without a port is for all.</summary>
public sealed class PortsTests
{
    [Theory]
    [InlineData("http://echo-v1", "v1")]
    [InlineData("http://echo-v1:8080", null)]
    [InlineData("http://echo-v2", "v2")]
    [InlineData("http://echo-v2:8080", "v2")]
    public async Task A_route_is_for_its_ports(string uri, string? expected)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(
            Echo.Route(Rule("v1"), "name: echo-v1, port: 80", name: "one"),
            Echo.Route(Rule("v2"), "name: echo-v2", name: "two"));

        RoutedAnswer answer = await cluster.AskAsync(uri);

        Assert.Equal(uri.Contains("v1", StringComparison.Ordinal) ? "echo-v1" : "echo-v2", answer.Service);
        Assert.Equal(expected, answer.Headers.GetValueOrDefault("X-Header-Set"));
    }

    private static string Rule(string version) => $$"""
        - filters: [ { type: ResponseHeaderModifier, responseHeaderModifier: { set: [ { name: X-Header-Set, value: {{version}} } ] } } ]
          backendRefs: [ { name: echo-{{version}}, port: 80 } ]
        """;
}
