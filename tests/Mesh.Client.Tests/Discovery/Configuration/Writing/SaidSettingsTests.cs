using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Configuration.Writing;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Tests.Discovery.Configuration.Writing;

public class SaidSettingsTests
{
    private static readonly ServiceName Catalog = new("catalog.default.svc.cluster.local", 80);

    [Fact]
    public void Of_WhatTheSourceChanges_TellsThatAlone() => Assert.Equal(
        ["Services:Catalog:Ports:80:Retry:MaxRetries=0", "Services:Catalog:Ports:80:Timeouts:Request=00:00:07"],
        Said(
            """{ "Services": { "Catalog": { "Port": 80 } } }""",
            new TrafficPolicy
            {
                Retry = RetryPolicy.Default with { MaxRetries = 0 },
                Routing = new RoutingPolicy([], Default() with
                {
                    Retry = RetryPolicy.Default with { MaxRetries = 0 },
                    Timeouts = TimeoutPolicy.None with { Request = TimeSpan.FromSeconds(7) },
                }),
            }));

    [Fact]
    public void Of_WhatTheServicesOwnSectionSays_IsNotTheSources() => Assert.Equal(
        ["Services:catalog:Ports:80:Retry:MaxBackoff=00:00:01"],
        Said(
            """{ "Services": { "catalog": { "Retry": { "MaxRetries": 3, "On": ["5xx"], "Budget": { "Ratio": 0.9 } } } } }""",
            new TrafficPolicy
            {
                Retry = RetryPolicy.Default with
                {
                    MaxRetries = 2,
                    On = ["reset"],
                    Budget = RetryBudgetPolicy.Default with { Ratio = 0.9 },
                    MaxBackoff = TimeSpan.FromSeconds(1),
                },
            }));

    [Fact]
    public void Of_WhatStandsOverTheDefaults_IsTheSources() => Assert.Equal(
        ["Services:catalog.default.svc.cluster.local:Ports:80:Retry:MaxRetries=1"],
        Said("""{ "Defaults": { "Retry": { "MaxRetries": 3 } } }""", new TrafficPolicy { Retry = RetryPolicy.Default }));

    [Fact]
    public void Of_WhatTheDefaultsSayToo_IsTheSources() => Assert.Equal(
        ["Services:catalog.default.svc.cluster.local:Ports:80:Retry:MaxRetries=3"],
        Said(
            """{ "Defaults": { "Retry": { "MaxRetries": 3 } } }""",
            new TrafficPolicy { Retry = RetryPolicy.Default with { MaxRetries = 3 } }));

    [Fact]
    public void Of_NoFailureAccrual_TellsThatItIsOff() => Assert.Equal(
        ["Services:catalog.default.svc.cluster.local:Ports:80:FailureAccrual:Enabled=false"],
        Said("{}", new TrafficPolicy { FailureAccrual = FailureAccrualPolicy.Off }));

    [Fact]
    public void Of_BalancingAndWaiting_TellsThem() => Assert.Equal(
        [
            "Services:catalog.default.svc.cluster.local:Ports:80:LoadBalancing:Ewma:Decay=00:00:05",
            "Services:catalog.default.svc.cluster.local:Ports:80:Wait:Timeout=00:00:01",
        ],
        Said("{}", new TrafficPolicy
        {
            Ewma = EwmaPolicy.Default with { Decay = TimeSpan.FromSeconds(5) },
            Wait = WaitPolicy.Default with { Timeout = TimeSpan.FromSeconds(1) },
        }));

    [Fact]
    public void Of_Routes_CountsThem()
    {
        var said = new TrafficPolicy { Routing = new RoutingPolicy([new RoutePolicy("items")], Default()) };

        Assert.Equal(["Services:catalog.default.svc.cluster.local:Ports:80:Routes=1 of them"], Said("{}", said));
        Assert.Empty(Said("""{ "Services": { "catalog": { "Routes": [{ "Name": "own" }] } } }""", said));
    }

    [Fact]
    public void Of_NothingThatDiffers_IsEmpty() => Assert.Empty(Said("{}", new TrafficPolicy { Retry = RetryPolicy.Default }));

    private static RoutePolicy Default() => new(RoutingPolicy.DefaultName);

    private static IEnumerable<string> Said(string mesh, TrafficPolicy said) => SaidSettings
        .Of(new ServiceNames(TestMesh.Options($$"""{ "Mesh": {{mesh}} }""")), Catalog, said)
        .Select(setting => $"{setting.Path}={setting.Value}")
        .Order(StringComparer.Ordinal);
}
