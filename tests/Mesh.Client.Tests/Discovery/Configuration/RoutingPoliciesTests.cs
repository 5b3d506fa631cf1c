using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class RoutingPoliciesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("{ }")]
    [InlineData("""{ "Services": { "catalog": { "Retry": { "MaxRetries": 3 }, "Routes": [], "Filters": [] } } }""")]
    [InlineData("""{ "Services": { "catalog": { "Timeouts": { "Request": "00:00:00", "Header": "" } } } }""")]
    [InlineData("""{ "Services": { "catalog": { "Hedging": { "Delay": "00:00:01", "MaxAttempts": 1 } } } }""")]
    [InlineData("""{ "Services": { "orders": { "Timeouts": { "Request": "00:00:01" } } } }""")]
    public void Of_NothingThatARouteDoes_HasNoRouting(string mesh) => Assert.Null(Of(mesh).Routing);

    [Fact]
    public void Of_EverySetting_ReachesTheRoute()
    {
        RoutingPolicy routing = Of("""
            { "Services": { "catalog": { "Routes": [ {
                "Name": "v2", "Hosts": [ "catalog", "*.example.com" ],
                "Matches": [
                    { "Path": { "Prefix": "/v2" }, "Method": "get",
                      "Headers": [ { "Name": "a", "Value": "1" }, { "Name": "b", "Regex": "x+" } ],
                      "Query": [ { "Name": "q", "Value": "" } ] },
                    { "Path": { "Exact": "/a" } }, { "Path": { "Regex": "/b/.*" } },
                    { "Grpc": { "Service": "shop.Catalog", "Method": "Get.*", "Regex": true } } ],
                "Backends": [
                    { "Service": "catalog", "Weight": 90 },
                    { "Service": "canary.shop:9090", "Weight": 10, "Filters": [ { "Rewrite": { "Host": "canary" } } ] } ],
                "BackendChoice": "firstAvailable",
                "Filters": [ { "Mirror": { "Service": "shadow" } } ],
                "Retry": { "MaxRetries": 5 },
                "Timeouts": { "Request": "00:00:10", "Attempt": "00:00:02", "ResponseHead": "00:00:01",
                    "Response": "00:00:04", "Idle": "00:00:05", "Header": "x-t" },
                "Hedging": { "Delay": "00:00:01", "Percentile": 0.95, "MaxAttempts": 3 } } ] } } }
            """).Routing!;

        ServiceName own = new("catalog.default.svc.cluster.local", 8080);
        Assert.Equal(
            new RoutePolicy("v2")
            {
                Hosts = [new("catalog"), new("example.com", IsSuffix: true)],
                Matches =
                [
                    new()
                    {
                        Path = new(PathMatchKind.Prefix, "/v2"),
                        Method = "GET",
                        Headers = [new("a", "1"), new("b", "x+", IsRegex: true)],
                        Query = [new("q", "")],
                    },
                    new() { Path = new(PathMatchKind.Exact, "/a") },
                    new() { Path = new(PathMatchKind.Regex, "/b/.*") },
                    new() { Grpc = new("shop.Catalog", "Get.*", IsRegex: true) },
                ],
                Backends =
                [
                    new(own, 90),
                    new(new("canary.shop.svc.cluster.local", 9090), 10) { Filters = [new RewriteFilter("canary", null)] },
                ],
                Choice = BackendChoice.FirstAvailable,
                Filters = [new MirrorFilter(new("shadow.default.svc.cluster.local", 8080), 1, 65536)],
                Retry = RetryPolicy.Default with { MaxRetries = 5 },
                Timeouts = new(10 * Second, 2 * Second, Second, 5 * Second, "x-t", 4 * Second),
                Hedging = new(Second, 0.95, 3),
            },
            Assert.Single(routing.Routes));
        Assert.Equal(new RoutePolicy("default"), routing.Default);
    }

    [Fact]
    public void Of_EveryFilter_ReachesThePolicy()
    {
        RoutingPolicy routing = Of("""
            { "Defaults": { "Filters": [
                { "RequestHeaders": { "Add": { "a": "1" }, "Set": { "b": "2" }, "Remove": [ "c" ] } },
                { "ResponseHeaders": { "Remove": [ "d" ] } },
                { "Rewrite": { "Host": "h:1", "Path": "/p" } },
                { "Fault": { "Abort": { "Status": 500, "GrpcStatus": "unavailable", "Message": "m", "Ratio": 0.1 },
                    "Delay": { "Fixed": "00:00:01", "Header": "x-delay", "Ratio": 0.2 }, "MaxActive": 3 } },
                { "Fault": { "Delay": { "Header": "x-delay" } } },
                { "Mirror": { "Service": "shadow:81", "Ratio": 0.5, "MaxBodyBytes": 10 } } ] },
              "Services": { "catalog": { "Routes": [
                { "Match": { "Path": { "Prefix": "/old" } }, "Filters": [ { "Redirect": { "PathPrefix": "/new" } } ] },
                { "Filters": [ { "Redirect": { "Scheme": "HTTPS", "Host": "h", "Port": 1, "Path": "/p", "Status": 301 } } ] } ] } } }
            """).Routing!;

        Assert.Equal(
            [
                new HeaderFilter(OnResponse: false) { Add = [new("a", "1")], Set = [new("b", "2")], Remove = ["c"] },
                new HeaderFilter(OnResponse: true) { Remove = ["d"] },
                new RewriteFilter("h:1", new PathChange(IsPrefix: false, "/p")),
                new FaultFilter(new FaultAbort(500, 14, "m", 0.1), new FaultDelay(Second, "x-delay", 0.2), 3),
                new FaultFilter(null, new FaultDelay(null, "x-delay", 1)),
                new MirrorFilter(new("shadow.default.svc.cluster.local", 81), 0.5, 10),
            ],
            routing.Default.Filters);
        Assert.Equal([new RedirectFilter(null, null, null, new PathChange(IsPrefix: true, "/new"), 302)], routing.Routes[0].Filters);
        Assert.Equal(
            [new RedirectFilter("https", "h", 1, new PathChange(IsPrefix: false, "/p"), 301)], routing.Routes[1].Filters);
    }

    [Fact]
    public void Of_EachSettingOfARoute_ComesFromTheMostSpecificPlace()
    {
        RoutingPolicy routing = Of("""
            { "Defaults": { "Timeouts": { "Request": "00:00:40", "Idle": "00:00:50" }, "Hedging": { "Delay": "00:00:01" } },
              "Services": { "catalog": {
                "Timeouts": { "Request": "00:00:30", "Header": "x-t" }, "Retry": { "MaxRetries": 4, "On": [ "5xx" ] },
                "Filters": [ { "RequestHeaders": { "Remove": [ "a" ] } } ],
                "Routes": [
                    { "Timeouts": { "Attempt": "00:00:02", "Header": "" }, "Retry": { "MaxRetries": 0 }, "Filters": [],
                      "Hedging": { "MaxAttempts": 1 } },
                    { "Name": "second", "Timeouts": { "Request": "00:00:00" }, "Hedging": { "Percentile": 0.9 } },
                    { "BackendChoice": "Weighted" } ],
                "Ports": { "8080": { "Timeouts": { "Request": "00:00:20" } } } } } }
            """).Routing!;

        RetryPolicy retry = RetryPolicy.Default with { MaxRetries = 4, On = ["5xx"] };
        HeaderFilter filter = new(OnResponse: false) { Remove = ["a"] };
        TimeoutPolicy timeouts = new(20 * Second, Idle: 50 * Second, Header: "x-t");
        HedgingPolicy hedging = new(Second);
        RoutePolicy otherwise = new("default") { Filters = [filter], Retry = retry, Timeouts = timeouts, Hedging = hedging };
        Assert.Equal(otherwise, routing.Default);
        Assert.Equal(
            [
                new RoutePolicy("route-1")
                {
                    Retry = retry with { MaxRetries = 0 },
                    Timeouts = timeouts with { Attempt = 2 * Second, Header = null },
                },
                otherwise with { Name = "second", Timeouts = timeouts with { Request = null }, Hedging = new(Second, 0.9) },
                otherwise with { Name = "route-3" },
            ],
            routing.Routes);
    }

    [Fact]
    public void Of_PercentileZero_IsNone() => Assert.Equal(
        new HedgingPolicy(Second),
        Of("""
            { "Defaults": { "Hedging": { "Delay": "00:00:01", "Percentile": 0.9 } },
              "Services": { "catalog": { "Hedging": { "Percentile": 0 } } } }
            """).Routing!.Default.Hedging);

    [Fact]
    public void Of_EmptyPathPrefix_IsASlash() => Assert.Equal(
        [new RewriteFilter(null, new PathChange(IsPrefix: true, "/"))],
        Assert.Single(Of("""
            { "Services": { "catalog": { "Routes": [
                { "Match": { "Path": { "Prefix": "/a" } }, "Filters": [ { "Rewrite": { "PathPrefix": "" } } ] } ] } } }
            """).Routing!.Routes).Filters);

    [Theory]
    [InlineData("ResourceExhausted", 8)]
    [InlineData("RESOURCE_EXHAUSTED", 8)]
    [InlineData("deadline_exceeded", 4)]
    public void Of_GrpcStatus_IsReadInEitherSpelling(string name, int status) => Assert.Equal(
        [new FaultFilter(new FaultAbort(null, status, null, 1), null, null)],
        Of($$"""
            { "Defaults": { "Filters": [ { "Fault": { "Abort": { "GrpcStatus": "{{name}}" } } } ] } }
            """).Routing!.Default.Filters);

    [Fact]
    public void Of_RoutesOfAPort_ReplaceTheServicesAsAWhole()
    {
        const string Mesh = """
            { "Defaults": { "Routes": [ { "Name": "a" }, { "Name": "b" } ] },
              "Services": { "catalog": { "Routes": [ { "Name": "c" } ], "Ports": { "8080": { "Routes": [] }, "8081": { } } } } }
            """;

        Assert.Null(Of(Mesh).Routing);
        Assert.Equal(["c"], Of(Mesh, port: 8081).Routing!.Routes.Select(route => route.Name));
        Assert.Equal(["a", "b"], Of(Mesh, "orders").Routing!.Routes.Select(route => route.Name));
    }

    [Theory]
    [InlineData("canary", "canary.default.svc.cluster.local:8080")]
    [InlineData("Canary.shop.", "canary.shop.svc.cluster.local:8080")]
    [InlineData("canary:81", "canary.default.svc.cluster.local:81")]
    [InlineData("fixed", "fixed.default.svc.cluster.local:7")]
    [InlineData("_grpc.canary", "_grpc.canary.default.svc.cluster.local:8080")]
    [InlineData("api.shop.internal:443", "api.shop.internal:443")]
    public void Of_NameOfABackend_IsReadAsACallers(string name, string authority)
    {
        RoutingPolicy routing = Of($$"""
            { "Domains": [ "shop.internal" ], "Services": { "fixed": { "Port": 7 },
                "catalog": { "Routes": [ { "Backends": [ { "Service": "{{name}}" } ] } ] } } }
            """).Routing!;

        Assert.Equal(authority, Assert.Single(Assert.Single(routing.Routes).Backends).Service.Authority);
    }

    [Fact]
    public void Of_TheSameInCode_IsTheSame()
    {
        var options = new MeshClientOptions();
        options.Services["catalog"] = new MeshServiceOptions
        {
            Timeouts = new() { Request = Second },
            Routes =
            [
                new()
                {
                    Match = new() { Path = new() { Prefix = "/v2" } },
                    Backends = [new() { Service = "canary" }],
                    Filters = [new() { RequestHeaders = new() { Set = { ["a"] = "1" } } }],
                    Hedging = new() { Delay = Second },
                },
            ],
        };

        Assert.Equal(
            Of("""
                { "Services": { "catalog": { "Timeouts": { "Request": "00:00:01" }, "Routes": [ {
                    "Match": { "Path": { "Prefix": "/v2" } }, "Backends": [ { "Service": "canary" } ],
                    "Filters": [ { "RequestHeaders": { "Set": { "a": "1" } } } ], "Hedging": { "Delay": "00:00:01" } } ] } } }
                """),
            Of(options, "catalog", 8080));
    }

    private static ServicePolicy Of(string mesh, string service = "catalog", int port = 8080) =>
        Of(TestMesh.Options($$"""{ "Mesh": {{mesh}} }"""), service, port);

    private static ServicePolicy Of(MeshClientOptions options, string service, int port)
    {
        var names = new ServiceNames(options);
        Assert.True(names.TryResolve(service, port, out ServiceName? name));
        return ServicePolicies.Of(names, name, said: null);
    }
}
