using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>A route in the caller's namespace is for its callers only, needs no grant, and wins there.</summary>
public sealed class ConsumerRouteTests
{
    [Theory]
    [InlineData("consumer", "consumer")]
    [InlineData("mesh", null)]
    [InlineData("other", null)]
    public async Task It_is_for_callers_of_its_namespace(string caller, string? by)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(caller, [Consumer]);

        RoutedAnswer answer = await cluster.AskAsync("http://echo-v1.mesh");

        Assert.Equal(("echo-v1", by), (answer.Service, answer.Headers.GetValueOrDefault("x-by")));
    }

    [Theory]
    [InlineData("consumer", "consumer")]
    [InlineData("mesh", "producer")]
    [InlineData("other", "producer")]
    public async Task It_wins_over_the_producers(string caller, string by)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(
            caller, [Consumer, Echo.Route(Rule("producer"), "name: echo-v1", name: "older")]);

        Assert.Equal(by, (await cluster.AskAsync("http://echo-v1.mesh")).Headers.GetValueOrDefault("x-by"));
    }

    private static string Consumer => Echo.Route(Rule("consumer"), "name: echo-v1, namespace: mesh", "consumer");

    private static string Rule(string by) => $$"""
        - filters: [ { type: ResponseHeaderModifier, responseHeaderModifier: { set: [ { name: x-by, value: {{by}} } ] } } ]
          backendRefs: [ { name: echo-v1, namespace: mesh, port: 80 } ]
        """;
}
