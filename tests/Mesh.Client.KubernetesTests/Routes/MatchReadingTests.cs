using Mesh.Client.KubernetesTests.Routes.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using static Mesh.Client.KubernetesTests.Routes.Hosting.RouteReading;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>What a request must be, as the Gateway API writes it.</summary>
public sealed class MatchReadingTests
{
    public static TheoryData<string, object> Http => new()
    {
        { "path: { value: /a }", new RouteMatch { Path = new PathMatch(PathMatchKind.Prefix, "/a") } },
        { "path: { type: PathPrefix }", new RouteMatch { Path = new PathMatch(PathMatchKind.Prefix, "/") } },
        { "path: { type: Exact, value: /a }", new RouteMatch { Path = new PathMatch(PathMatchKind.Exact, "/a") } },
        { "path: { type: RegularExpression, value: '/a+' }", new RouteMatch { Path = new PathMatch(PathMatchKind.Regex, "/a+") } },
        { "method: GET", new RouteMatch { Method = "GET" } },
        { "headers: [ { name: x-a, value: b } ]", new RouteMatch { Headers = [new NamedMatch("x-a", "b")] } },
        {
            "headers: [ { type: RegularExpression, name: x-a, value: b. } ]",
            new RouteMatch { Headers = [new NamedMatch("x-a", "b.", IsRegex: true)] }
        },
        {
            "queryParams: [ { type: Exact, name: q, value: 'a b' } ], method: PUT",
            new RouteMatch { Query = [new NamedMatch("q", "a b")], Method = "PUT" }
        },
    };

    public static TheoryData<string, object> Grpc => new()
    {
        { "method: { service: shop.v1.Catalog }", new RouteMatch { Grpc = new GrpcMatch("shop.v1.Catalog", null) } },
        { "method: { type: Exact, method: Get }", new RouteMatch { Grpc = new GrpcMatch(null, "Get") } },
        {
            "method: { type: RegularExpression, service: 'shop[.].*', method: 'Get.*' }",
            new RouteMatch { Grpc = new GrpcMatch("shop[.].*", "Get.*", IsRegex: true) }
        },
        { "headers: [ { name: x-a, value: b } ]", new RouteMatch { Headers = [new NamedMatch("x-a", "b")] } },
        { "method: { type: Exact }", new RouteMatch() },
    };

    [Theory]
    [MemberData(nameof(Http))]
    public void Of_an_HTTPRoute(string match, object expected) =>
        Assert.Equal(expected, Assert.Single(Rule($"matches: [ {{ {match} }} ]\nbackendRefs: [ {{ name: catalog, port: 80 }} ]").Matches));

    [Theory]
    [MemberData(nameof(Grpc))]
    public void Of_a_GRPCRoute(string match, object expected)
    {
        string route = RouteReading.Http($"matches: [ {{ {match} }} ]\nbackendRefs: [ {{ name: catalog, port: 80 }} ]");

        TrafficPolicy policy = Policy(route.Replace("HTTPRoute", "GRPCRoute", StringComparison.Ordinal));

        Assert.Equal(expected, Assert.Single(Assert.Single(policy.Routing!.Routes).Matches));
    }

    [Theory]
    [InlineData("path: { type: RegularExpression, value: '(?=a)' }", "matches[0].path.value")]
    [InlineData("path: { type: Suffix, value: /a }", "matches[0].path.type")]
    [InlineData("path: { type: Exact, value: a }", "matches[0].path.value")]
    [InlineData("method: 'G ET'", "matches[0].method")]
    [InlineData("headers: [ { name: 'x a', value: b } ]", "matches[0].headers[0].name")]
    [InlineData("headers: [ { name: a, value: b }, { type: RegularExpression, name: x, value: '(' } ]", "matches[0].headers[1].value")]
    [InlineData("queryParams: [ { type: Prefix, name: q, value: b } ]", "matches[0].queryParams[0].type")]
    [InlineData("queryParams: [ { value: b } ]", "matches[0].queryParams[0].name")]
    public void A_rule_that_cannot_be_asked_is_left_out_and_no_other(string match, string place)
    {
        const string Good = "backendRefs: [ { name: catalog, port: 80 } ]";
        TrafficPolicy policy = Policy(RouteReading.Http($"{Good}\n") + $"\n  - matches: [ {{ {match} }} ]\n    {Good}");

        Assert.Equal("HTTPRoute/shop/route", Assert.Single(policy.Routing!.Routes).Name);
        Assert.StartsWith($"HTTPRoute/shop/route rules[1].{place}: ", Assert.Single(policy.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_without_any_rule_that_can_be_asked_is_as_if_it_were_not_there()
    {
        TrafficPolicy policy = Policy(RouteReading.Http("matches: [ { path: { type: Suffix } } ]"));

        Assert.Null(policy.Routing);
        Assert.Single(policy.Problems);
    }
}
