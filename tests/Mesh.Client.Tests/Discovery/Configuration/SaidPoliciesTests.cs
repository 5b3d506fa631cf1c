using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Tests.Discovery.Configuration;

/// <summary>The service's own sections stand over what a source says, and that over the defaults, setting by setting.</summary>
public class SaidPoliciesTests
{
    private const string Defaults = """
        "Defaults": {
            "FailureAccrual": { "MaxFailures": 1, "JitterRatio": 0.1 },
            "Retry": { "MaxRetries": 5, "On": [ "5xx" ], "Budget": { "Ratio": 0.5 } },
            "Timeouts": { "Request": "00:00:10", "Idle": "00:01:00" } }
        """;

    private static readonly TrafficPolicy Said = new()
    {
        Ewma = new EwmaPolicy(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5)),
        FailureAccrual = FailureAccrualPolicy.Default with { MaxFailures = 2, MinPenalty = TimeSpan.FromSeconds(3) },
        Retry = RetryPolicy.Default with { MaxRetries = 2, On = ["reset"], Budget = RetryBudgetPolicy.Default with { MinPerSecond = 3 } },
        Wait = new WaitPolicy(100, TimeSpan.FromSeconds(1)),
    };

    [Fact]
    public void Of_NothingSaid_IsAsBefore() => Assert.Equal(ServicePolicy.Default, Of("{ }", new TrafficPolicy()));

    [Fact]
    public void Of_Said_StandsOverTheDefaultsAsAWhole()
    {
        ServicePolicy policy = Of($$"""{ {{Defaults}} }""", Said);

        Assert.Equal(Said.Ewma, policy.LoadBalancing.Ewma);
        Assert.Equal(Said.FailureAccrual, policy.FailureAccrual);
        Assert.Equal(Said.Retry, policy.Retry);
        Assert.Equal(Said.Wait, policy.Wait);
    }

    [Fact]
    public void Of_OwnSetting_StandsOverSaid_SettingBySetting()
    {
        ServicePolicy policy = Of(
            $$"""
            { {{Defaults}}, "Services": { "catalog": {
                "FailureAccrual": { "MaxFailures": 9 }, "Retry": { "MaxRetries": 7, "Budget": { "Ratio": 0.9 } },
                "Ports": { "80": { "Retry": { "MaxRetries": 8 } } } } } }
            """,
            Said);

        Assert.Equal(Said.FailureAccrual! with { MaxFailures = 9 }, policy.FailureAccrual);
        Assert.Equal(Said.Retry! with { MaxRetries = 8, Budget = Said.Retry.Budget with { Ratio = 0.9 } }, policy.Retry);
    }

    [Fact]
    public void Of_HashOfConfiguration_HoldsBesideSaid()
    {
        const string Hash = """{ "LoadBalancing": { "HashOn": [ { "Header": "x-user" } ] } }""";

        foreach (string mesh in (string[])[$$"""{ "Defaults": {{Hash}} }""", $$"""{ "Services": { "catalog": {{Hash}} } }"""])
        {
            LoadBalancingPolicy balancing = Of(mesh, Said).LoadBalancing;
            Assert.Equal(LoadBalancingAlgorithm.Maglev, balancing.Algorithm);
            Assert.Equal(Said.Ewma, balancing.Ewma);
        }
    }

    [Theory]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "Policy": "RoundRobin" } } }""", "Maglev")]
    [InlineData("""{ "Services": { "catalog": { "LoadBalancing": { "Policy": "RoundRobin" } } } }""", "RoundRobin")]
    public void Of_SaidHashAlone_MeansMaglevOverTheDefaults(string mesh, string algorithm)
    {
        var said = new TrafficPolicy
        {
            LoadBalancing = new LoadBalancingSettings { HashOn = [new HashSource(HashSourceKind.Header, "x-user-id")] },
        };

        Assert.Equal(algorithm, $"{Of(mesh, said).LoadBalancing.Algorithm}");
    }

    [Fact]
    public void Of_SaidBalancing_StandsBetweenTheServicesOwnAndTheDefaults_SettingBySetting()
    {
        const string All = """{ "LoadBalancing": { "BoundedLoad": 200, "EndpointKey": "HashKey", "HashOn": [ { "Path": true } ] } }""";
        var said = new TrafficPolicy
        {
            LoadBalancing = new LoadBalancingSettings
            {
                Policy = "ringhash",
                HashOn = [new HashSource(HashSourceKind.Cookie, "sid", Terminal: true)],
                BoundedLoad = 125,
            },
        };

        LoadBalancingPolicy balancing = Of($$"""{ "Defaults": {{All}} }""", said).LoadBalancing;
        Assert.Equal((LoadBalancingAlgorithm.RingHash, 125, EndpointKey.HashKey),
            (balancing.Algorithm, balancing.BoundedLoad, balancing.EndpointKey));
        Assert.Equal(said.LoadBalancing.HashOn!.Value, balancing.HashOn);

        LoadBalancingPolicy own = Of($$"""{ "Services": { "catalog": {{All}} } }""", said).LoadBalancing;
        Assert.Equal((LoadBalancingAlgorithm.RingHash, 200, EndpointKey.HashKey), (own.Algorithm, own.BoundedLoad, own.EndpointKey));
        Assert.Equal(HashSourceKind.Path, Assert.Single(own.HashOn).Kind);
    }

    [Fact]
    public void Of_SaidHash_IsMaglev() => Assert.Equal(
        LoadBalancingAlgorithm.Maglev,
        Of("{ }", new TrafficPolicy { LoadBalancing = new() { HashOn = [new HashSource(HashSourceKind.Path, "")] } }).LoadBalancing.Algorithm);

    [Fact]
    public void Of_SaidBalancerOfTheApplication_IsByItsName()
    {
        LoadBalancingPolicy balancing = Of("{ }", new TrafficPolicy { LoadBalancing = new() { Policy = "Nearest" } }).LoadBalancing;

        Assert.Equal((LoadBalancingAlgorithm.Custom, "Nearest"), (balancing.Algorithm, balancing.CustomName));
    }

    [Fact]
    public void Of_SaidRouteWithoutAWordOfRetries_HasTheServices()
    {
        RoutingPolicy silent = Routes() with { Routes = [new RoutePolicy("items")] };

        Assert.Equal(5, Of($$"""{ {{Defaults}} }""", new TrafficPolicy { Routing = silent }).Routing!.Routes.Single().Retry.MaxRetries);
        Assert.Equal(2, Of($$"""{ {{Defaults}} }""", Said with { Routing = silent }).Routing!.Routes.Single().Retry.MaxRetries);
    }

    [Theory]
    [InlineData("{ }", int.MaxValue)]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "MaxFailures": 3 } } }""", int.MaxValue)]
    [InlineData("""{ "Services": { "catalog": { "FailureAccrual": { "MaxFailures": 3 } } } }""", 3)]
    [InlineData("""{ "Services": { "catalog": { "FailureAccrual": { "Enabled": true } } } }""", 7)]
    [InlineData("""{ "Services": { "catalog": { "FailureAccrual": { "Enabled": false, "MaxFailures": 3 } } } }""", int.MaxValue)]
    public void Of_SaidNoAccrual_IsNoneUnlessTheServiceWantsIt(string mesh, int expected) => Assert.Equal(
        expected, Of(mesh, new TrafficPolicy { FailureAccrual = FailureAccrualPolicy.Off }).FailureAccrual.MaxFailures);

    [Theory]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "Enabled": false } } }""", 2)]
    [InlineData("""{ "Services": { "catalog": { "FailureAccrual": { "Enabled": false } } } }""", int.MaxValue)]
    public void Of_AccrualTurnedOff_StandsOverSaidInTheServicesOwnSection(string mesh, int expected) =>
        Assert.Equal(expected, Of(mesh, Said).FailureAccrual.MaxFailures);

    [Fact]
    public void Of_HalfOfARangeFromEach_IsStillARange()
    {
        ServicePolicy policy = Of(
            """{ "Services": { "catalog": { "FailureAccrual": { "MaxPenalty": "00:00:02" }, "Retry": { "MinBackoff": "00:00:00.2" } } } }""",
            Said with { Retry = Said.Retry! with { MaxBackoff = TimeSpan.FromMilliseconds(100) } });

        Assert.Equal((2, 2), (policy.FailureAccrual.MinPenalty.TotalSeconds, policy.FailureAccrual.MaxPenalty.TotalSeconds));
        Assert.Equal((200, 200), (policy.Retry.MinBackoff.TotalMilliseconds, policy.Retry.MaxBackoff.TotalMilliseconds));
    }

    [Fact]
    public void Of_SaidRoutes_HoldWithTheDefaultsWhereTheySayNothing()
    {
        RoutingPolicy routing = Of($$"""{ {{Defaults}} }""", Said with { Routing = Routes() }).Routing!;

        RoutePolicy route = Assert.Single(routing.Routes);
        Assert.True(routing.FirstMatch);
        Assert.Equal("items", route.Name);
        Assert.Equal(0, route.Retry.MaxRetries);
        Assert.Equal((2, 60), (route.Timeouts.Request!.Value.TotalSeconds, route.Timeouts.Idle!.Value.TotalSeconds));
        Assert.Equal(Header("said"), route.Filters.Single());
    }

    [Fact]
    public void Of_OwnSettings_StandOverASaidRoute()
    {
        RoutePolicy route = Of(
            $$"""
            { {{Defaults}}, "Services": { "catalog": {
                "Retry": { "MaxRetries": 4 }, "Timeouts": { "Request": "00:00:00" },
                "Filters": [ { "RequestHeaders": { "Set": { "x-by": "own" } } } ] } } }
            """,
            Said with { Routing = Routes() }).Routing!.Routes.Single();

        Assert.Equal(4, route.Retry.MaxRetries);
        Assert.Null(route.Timeouts.Request);
        Assert.Equal(Header("own"), route.Filters.Single());
        Assert.Equal(Routes().Routes.Single().Backends, route.Backends);
    }

    [Fact]
    public void Of_OwnRoutes_ReplaceSaidOnes()
    {
        const string Mesh = """{ "Services": { "catalog": { "Routes": [ { "Name": "own" } ] } } }""";
        const string None = """{ "Services": { "catalog": { "Routes": [] } } }""";
        const string OfAll = """{ "Defaults": { "Routes": [ { "Name": "all" } ] } }""";
        TrafficPolicy said = Said with { Routing = Routes() };

        Assert.Equal("own", Of(Mesh, said).Routing!.Routes.Single().Name);
        Assert.Null(Of(None, said).Routing);
        Assert.Equal("items", Of(OfAll, said).Routing!.Routes.Single().Name);
        Assert.Equal("all", Of(OfAll, Said).Routing!.Routes.Single().Name);
    }

    private static RoutingPolicy Routes() => new(
        [
            new RoutePolicy("items")
            {
                Backends = [new RouteBackend(new ServiceName("canary.default.svc.cluster.local", 80))],
                Retry = RetryPolicy.Default with { MaxRetries = 0 },
                Timeouts = new TimeoutPolicy(Request: TimeSpan.FromSeconds(2)),
                Filters = [Header("said")],
            },
        ],
        new RoutePolicy(RoutingPolicy.DefaultName))
    {
        FirstMatch = true,
    };

    private static RouteFilter Header(string value) => Of(
        $$"""{ "Services": { "catalog": { "Filters": [ { "RequestHeaders": { "Set": { "x-by": "{{value}}" } } } ] } } }""",
        new TrafficPolicy()).Routing!.Default.Filters.Single();

    private static ServicePolicy Of(string mesh, TrafficPolicy said)
    {
        var names = new ServiceNames(TestMesh.Options($$"""{ "Mesh": {{mesh}} }"""));
        Assert.True(names.TryResolve("catalog", 80, out ServiceName? name));
        return ServicePolicies.Of(names, name, said);
    }
}
