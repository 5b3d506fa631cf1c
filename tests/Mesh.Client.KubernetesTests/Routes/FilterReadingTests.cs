using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;
using static Mesh.Client.KubernetesTests.Routes.Hosting.RouteReading;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>Filters as the Gateway API writes them. None is skipped: what cannot be carried out fails calls.</summary>
public sealed class FilterReadingTests
{
    private const string Backends = "backendRefs: [ { name: catalog, port: 80 } ]";
    private static readonly string Copies = Service("copies", "9090");

    [Fact]
    public void Headers_of_both_directions() => Assert.Equal(
        [
            new HeaderFilter(OnResponse: false) { Set = [new("a", "1")], Add = [new("Host", "b")], Remove = ["c"] },
            new HeaderFilter(OnResponse: true) { Remove = ["server"] },
        ],
        Rule($$"""
            filters:
            - type: RequestHeaderModifier
              requestHeaderModifier: { set: [ { name: a, value: '1' } ], add: [ { name: Host, value: b } ], remove: [ c ] }
            - { type: ResponseHeaderModifier, responseHeaderModifier: { remove: [ server ] } }
            {{Backends}}
            """).Filters);

    [Theory]
    [InlineData("", 1)]
    [InlineData(", percent: 30", 0.3)]
    [InlineData(", percent: 0", 0)]
    [InlineData(", fraction: { numerator: 1, denominator: 8 }", 0.125)]
    [InlineData(", fraction: { numerator: 5 }", 0.05)]
    public void A_mirror_has_a_share(string share, double ratio) => Assert.Equal(
        new MirrorFilter(new ServiceName("copies.shop.svc.cluster.local", 9090), ratio, MirrorFilter.DefaultMaxBodyBytes),
        Assert.Single(Rule(Mirror($"name: copies, port: 9090 {"}"}{share}"), Copies).Filters));

    [Theory]
    [InlineData("name: gone, port: 9090 }", "Service shop/gone:9090 does not exist")]
    [InlineData("name: copies, port: 81 }", "Service shop/copies:81 does not exist")]
    [InlineData("name: copies }", "it names no port")]
    public void A_mirror_to_nobody_is_left_out_and_the_calls_go_on(string backend, string problem)
    {
        TrafficPolicy policy = Policy($"{Http(Mirror(backend))}\n---\n{Copies}");

        Assert.Empty(Assert.Single(policy.Routing!.Routes).Filters);
        Assert.Equal(
            $"HTTPRoute/shop/route rules[0].filters[0].requestMirror.backendRef: {problem}", Assert.Single(policy.Problems));
    }

    [Theory]
    [InlineData("{ type: CORS, cors: { allowOrigins: [ '*' ] } }", "filters[0]")]
    [InlineData("{ type: ExtensionRef, extensionRef: { group: a, kind: b, name: c } }", "filters[0]")]
    [InlineData("{ type: RequestRedirect }", "filters[0]")]
    [InlineData("{ type: RequestRedirect, requestRedirect: { statusCode: 304 } }", "filters[0].requestRedirect.statusCode")]
    [InlineData("{ type: RequestRedirect, requestRedirect: { scheme: ftp } }", "filters[0].requestRedirect.scheme")]
    [InlineData("{ type: RequestRedirect, requestRedirect: { hostname: a..b } }", "filters[0].requestRedirect.hostname")]
    [InlineData("{ type: RequestRedirect, requestRedirect: { port: 70000 } }", "filters[0].requestRedirect.port")]
    [InlineData("{ type: URLRewrite, urlRewrite: { path: { type: ReplaceAll } } }", "filters[0].urlRewrite.path.type")]
    [InlineData(
        "{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: a } } }",
        "filters[0].urlRewrite.path.replaceFullPath")]
    [InlineData(
        "{ type: URLRewrite, urlRewrite: { hostname: a } }, { type: RequestRedirect, requestRedirect: { port: 1 } }", "filters")]
    [InlineData(
        "{ type: RequestHeaderModifier, requestHeaderModifier: { set: [ { name: Connection, value: close } ] } }",
        "filters[0].requestHeaderModifier.set[0].name")]
    [InlineData(
        "{ type: RequestHeaderModifier, requestHeaderModifier: { add: [ { name: a, value: 'é' } ] } }",
        "filters[0].requestHeaderModifier.add[0].value")]
    [InlineData(
        "{ type: RequestMirror, requestMirror: { backendRef: { name: copies, port: 9090 }, percent: 101 } }", "filters[0].requestMirror")]
    public void What_cannot_be_carried_out_fails_calls(string filters, string place)
    {
        TrafficPolicy policy = Policy($"{Http($"filters: [ {filters} ]\n{Backends}")}\n---\n{Copies}");

        RoutePolicy route = Assert.Single(policy.Routing!.Routes);
        Assert.Equal((500, 1), Fault(route.Filters));
        Assert.Empty(route.Backends);
        Assert.StartsWith($"HTTPRoute/shop/route rules[0].{place}: ", Assert.Single(policy.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefix_is_replaced_only_where_one_is_matched() => Assert.Equal(
        (500, 1),
        Fault(Rule($$"""
            matches: [ { path: { type: Exact, value: /a } } ]
            filters: [ { type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /b } } } ]
            {{Backends}}
            """).Filters));

    [Fact]
    public void A_filter_of_a_backend_that_is_not_known_fails_its_share()
    {
        RoutePolicy route = Rule("""
            backendRefs:
            - { name: catalog, port: 80, weight: 3 }
            - { name: catalog, port: 80, filters: [ { type: ExtensionRef } ] }
            """);

        Assert.Equal([3, 1], route.Backends.Select(backend => backend.Weight));
        Assert.Empty(route.Backends[0].Filters);
        Assert.Equal((500, 1), Fault(route.Backends[1].Filters));
    }

    private static string Mirror(string backend) =>
        $"filters: [ {{ type: RequestMirror, requestMirror: {{ backendRef: {{ {backend} }} }} ]\n{Backends}";

    private static (int?, double) Fault(IEnumerable<RouteFilter> filters)
    {
        FaultAbort abort = Assert.IsType<FaultFilter>(Assert.Single(filters)).Abort!;
        return (abort.HttpStatus, abort.Ratio);
    }
}
