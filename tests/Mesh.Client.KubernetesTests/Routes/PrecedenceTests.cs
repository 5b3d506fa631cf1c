using Mesh.Client.KubernetesTests.Routes.Hosting;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>
/// Which of several matches takes a call: the Gateway API's order, then the age and the name of the route, then the list.
/// </summary>
public sealed class PrecedenceTests
{
    private const string Exact = "path: { type: Exact, value: /a/b }";
    private const string Prefix = "path: { type: PathPrefix, value: /a/b }";
    private const string Shorter = "path: { type: PathPrefix, value: /a }";
    private const string Method = "method: GET";
    private const string Header = "headers: [ { name: x, value: '1' } ]";
    private const string Headers = "headers: [ { name: x, value: '1' }, { name: y, value: '1' } ]";
    private const string Query = "queryParams: [ { name: q, value: '1' } ]";
    private const string Queries = "queryParams: [ { name: q, value: '1' }, { name: r, value: '1' } ]";

    [Theory]
    [InlineData(Exact, Prefix + ", " + Method + ", " + Headers)]
    [InlineData(Prefix, Shorter + ", " + Method + ", " + Headers + ", " + Queries)]
    [InlineData(Method, Headers + ", " + Queries)]
    [InlineData(Headers, Header + ", " + Queries)]
    [InlineData(Header, Queries)]
    [InlineData(Queries, Query)]
    [InlineData(Shorter + ", " + Query, Shorter)]
    public async Task The_closer_match_wins_wherever_it_stands(string closer, string other)
    {
        foreach ((string first, string second) in ((string, string)[])[(closer, other), (other, closer)])
        {
            string winner = first == closer ? "echo-v1" : "echo-v2";
            await AssertAsync(winner, Echo.Route($"{Rule(first, "echo-v1")}\n{Rule(second, "echo-v2")}"));
        }
    }

    [Fact]
    public async Task Of_two_routes_the_name_decides_then_of_two_rules_the_list()
    {
        await AssertAsync(
            "echo-v2", Echo.Route(Rule(Prefix, "echo-v1"), name: "b"), Echo.Route(Rule(Prefix, "echo-v2"), name: "a"));
        await AssertAsync("echo-v1", Echo.Route($"{Rule(Prefix, "echo-v1")}\n{Rule(Prefix, "echo-v2")}"));
    }

    [Fact]
    public async Task Of_two_routes_the_older_decides_before_the_name() => await AssertAsync(
        "echo-v1",
        Created("b", "2026-01-01T00:00:00Z", "echo-v1"),
        Created("a", "2026-01-02T00:00:00Z", "echo-v2"));

    private static string Created(string name, string at, string service) => Echo.Route(Rule(Prefix, service), name: name)
        .Replace($"name: {name},", $"name: {name}, creationTimestamp: '{at}',", StringComparison.Ordinal);

    private static string Rule(string match, string service) =>
        $"- matches: [ {{ {match} }} ]\n  backendRefs: [ {{ name: {service}, port: 80 }} ]";

    private static async Task AssertAsync(string service, params string[] routes)
    {
        await using RoutedCluster cluster = await Echo.StartAsync(routes);

        RoutedAnswer answer = await cluster.AskAsync("http://echo/a/b?q=1&r=1", headers: [("x", "1"), ("y", "1")]);

        Assert.Equal(service, answer.Service);
    }
}
