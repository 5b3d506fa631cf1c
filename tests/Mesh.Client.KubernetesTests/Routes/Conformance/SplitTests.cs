using System.Net;
using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>Exact paths, weights, and named rules.</summary>
public sealed class SplitTests
{
    private const int Calls = 500;

    [Theory]
    [InlineData("/v1", "echo-v1")]
    [InlineData("/v2", "echo-v2")]
    public async Task An_exact_path_leads_to_its_backend(string path, string service)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Echo.Route("""
            - matches: [ { path: { type: Exact, value: /v1 } } ]
              backendRefs: [ { name: echo-v1, port: 80 } ]
            - matches: [ { path: { type: Exact, value: /v2 } } ]
              backendRefs: [ { name: echo-v2, port: 80 } ]
            """));

        Assert.Equal(service, (await cluster.AskAsync($"http://echo{path}")).Service);
        Assert.Equal(MeshFailure.NoRoute, (await cluster.AskAsync($"http://echo{path}/more")).Failure);
    }

    [Fact]
    public async Task Calls_are_divided_by_weight()
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Echo.Route("""
            - backendRefs:
              - { name: echo-v1, port: 8080, weight: 70 }
              - { name: echo-v2, port: 8080, weight: 30 }
              - { name: echo, port: 80, weight: 0 }
            """));

        ILookup<string?, RoutedAnswer> answers = await ManyAsync(cluster);

        Assert.Equal(["echo-v1", "echo-v2"], answers.Select(group => group.Key).Order());
        Assert.InRange(answers["echo-v2"].Count(), Calls * 0.2, Calls * 0.4);
    }

    [Fact]
    public async Task A_missing_backend_answers_500_for_its_share()
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Echo.Route("""
            - backendRefs:
              - { name: echo-v1, port: 8080 }
              - { name: gone, port: 8080 }
            """));

        ILookup<string?, RoutedAnswer> answers = await ManyAsync(cluster);

        Assert.All(answers[null], answer => Assert.Equal((HttpStatusCode.InternalServerError, 0), (answer.Status, answer.Attempts)));
        Assert.All(answers["echo-v1"], answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.InRange(answers[null].Count(), Calls * 0.4, Calls * 0.6);
    }

    [Fact]
    public async Task A_missing_backend_has_its_share_of_the_keys_too()
    {
        // The frontend itself is a backend, and stands in the place of the missing one as well.
        await using RoutedCluster cluster = await Echo.StartAsync(Echo.Route("""
            - backendRefs:
              - { name: echo, port: 80 }
              - { name: gone, port: 8080 }
            """));
        int failed = 0;
        for (int i = 0; i < Calls; i++)
        {
            string key = $"user-{i % 250}";
            failed += (await cluster.AskAsync("http://echo", key: key)).Status is HttpStatusCode.InternalServerError ? 1 : 0;
        }

        Assert.InRange(failed, Calls * 0.35, Calls * 0.65);
        Assert.Equal(0, failed % 2);
    }

    [Theory]
    [InlineData("/named", "echo-v1", "HTTPRoute/mesh/route/named-rule")]
    [InlineData("/unnamed", "echo-v2", "HTTPRoute/mesh/route#2")]
    public async Task A_rule_has_a_name(string path, string service, string route)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(Echo.Route("""
            - name: named-rule
              matches: [ { path: { type: PathPrefix, value: /named } } ]
              backendRefs: [ { name: echo-v1, port: 8080 } ]
            - matches: [ { path: { type: PathPrefix, value: /unnamed } } ]
              backendRefs: [ { name: echo-v2, port: 8080 } ]
            """));

        RoutedAnswer answer = await cluster.AskAsync($"http://echo{path}");

        Assert.Equal((service, route), (answer.Service, answer.Route));
    }

    private static async Task<ILookup<string?, RoutedAnswer>> ManyAsync(RoutedCluster cluster)
    {
        var answers = new RoutedAnswer[Calls];
        for (int i = 0; i < Calls; i++)
        {
            answers[i] = await cluster.AskAsync("http://echo");
        }

        return answers.ToLookup(answer => answer.Service);
    }
}
