using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class ServicePoliciesTests
{
    [Fact]
    public void Of_NothingSet_IsBuiltIn() => Assert.Equal(ServicePolicy.Default, Of("{ }"));

    [Fact]
    public void Of_EachSetting_ComesFromTheMostSpecificPlace()
    {
        const string Mesh = """
            { "Defaults": {
                "FailureAccrual": { "MaxFailures": 1, "MinPenalty": "00:00:02", "JitterRatio": 0.1 },
                "Retry": { "MaxRetries": 1, "On": [ "reset" ], "Budget": { "Ratio": 0.1, "MinPerSecond": 1 } } },
              "Services": { "catalog": {
                "FailureAccrual": { "MaxFailures": 2, "JitterRatio": 0.2 },
                "Retry": { "MaxRetries": 2, "Budget": { "Ratio": 0.3 } },
                "Ports": { "8080": { "FailureAccrual": { "MaxFailures": 3 }, "Retry": { "MaxRetries": 0 } } } } } }
            """;

        ServicePolicy port = Of(Mesh, "catalog", 8080);
        ServicePolicy service = Of(Mesh, "catalog", 80);
        ServicePolicy other = Of(Mesh, "orders", 8080);

        FailureAccrualPolicy accrual = FailureAccrualPolicy.Default with { MinPenalty = TimeSpan.FromSeconds(2) };
        Assert.Equal(accrual with { MaxFailures = 3, JitterRatio = 0.2 }, port.FailureAccrual);
        Assert.Equal(accrual with { MaxFailures = 2, JitterRatio = 0.2 }, service.FailureAccrual);
        Assert.Equal(accrual with { MaxFailures = 1, JitterRatio = 0.1 }, other.FailureAccrual);

        RetryPolicy retry = RetryPolicy.Default with { On = ["reset"] };
        RetryBudgetPolicy budget = RetryBudgetPolicy.Default with { MinPerSecond = 1 };
        Assert.Equal(retry with { MaxRetries = 0, Budget = budget with { Ratio = 0.3 } }, port.Retry);
        Assert.Equal(retry with { MaxRetries = 2, Budget = budget with { Ratio = 0.3 } }, service.Retry);
        Assert.Equal(retry with { MaxRetries = 1, Budget = budget with { Ratio = 0.1 } }, other.Retry);
    }

    [Fact]
    public void Of_EverySetting_ReachesThePolicy()
    {
        ServicePolicy policy = Of("""
            { "Defaults": {
                "LoadBalancing": { "Policy": "RingHash", "TableSize": 251, "MinRingSize": 8, "MaxRingSize": 16,
                    "HashFunction": "MurmurHash2", "BoundedLoad": 125, "ChoiceCount": 3, "ScanAll": true,
                    "EndpointKey": { "Label": "pod" },
                    "HashOn": [ { "Header": "h", "Terminal": true }, { "Cookie": "c" }, { "Query": "q" }, { "Path": true } ] },
                "FailureAccrual": { "MaxFailures": 3, "MinPenalty": "00:00:02", "MaxPenalty": "00:00:03", "JitterRatio": 0.25 },
                "Retry": { "MaxRetries": 2, "On": [ "Gateway-Error" ], "Methods": [ "get", "purge" ],
                    "Budget": { "Ratio": 0.5, "MinPerSecond": 1, "Window": "00:00:20" },
                    "MinBackoff": "00:00:01", "MaxBackoff": "00:00:02", "MaxRetryAfter": "00:00:03" } } }
            """);

        Assert.Equal(
            new LoadBalancingPolicy
            {
                Algorithm = LoadBalancingAlgorithm.RingHash,
                TableSize = 251,
                MinRingSize = 8,
                MaxRingSize = 16,
                HashFunction = RingHashFunction.MurmurHash2,
                BoundedLoad = 125,
                ChoiceCount = 3,
                ScanAll = true,
                EndpointKey = new EndpointKey(EndpointKeyKind.Label, "pod"),
                HashOn =
                [
                    new(HashSourceKind.Header, "h", true), new(HashSourceKind.Cookie, "c"), new(HashSourceKind.Query, "q"),
                    new(HashSourceKind.Path, ""),
                ],
            },
            policy.LoadBalancing);
        Assert.Equal(
            new FailureAccrualPolicy
            {
                MaxFailures = 3,
                MinPenalty = TimeSpan.FromSeconds(2),
                MaxPenalty = TimeSpan.FromSeconds(3),
                JitterRatio = 0.25,
            },
            policy.FailureAccrual);
        Assert.Equal(
            new RetryPolicy
            {
                MaxRetries = 2,
                On = ["gateway-error"],
                Methods = ["GET", "purge"],
                Budget = new() { Ratio = 0.5, MinPerSecond = 1, Window = TimeSpan.FromSeconds(20) },
                MinBackoff = TimeSpan.FromSeconds(1),
                MaxBackoff = TimeSpan.FromSeconds(2),
                MaxRetryAfter = TimeSpan.FromSeconds(3),
            },
            policy.Retry);
    }

    [Fact]
    public void Of_EmptyList_ReplacesTheInheritedOne() => Assert.Empty(
        Of("""{ "Defaults": { "Retry": { "On": [ "5xx" ] } }, "Services": { "catalog": { "Retry": { "On": [] } } } }""").Retry.On);

    [Fact]
    public void Of_AccrualOff_IsOffUntilAMoreSpecificPlaceTurnsItOn()
    {
        const string Mesh = """
            { "Defaults": { "FailureAccrual": { "Enabled": false, "MaxFailures": 2 } },
              "Services": { "catalog": { "FailureAccrual": { "Enabled": true } } } }
            """;

        Assert.Same(FailureAccrualPolicy.Off, Of(Mesh, "orders").FailureAccrual);
        Assert.Equal(2, Of(Mesh).FailureAccrual.MaxFailures);
    }

    [Theory]
    [InlineData("""{ "HashOn": [ { "Path": true } ] }""", nameof(LoadBalancingAlgorithm.Maglev))]
    [InlineData("""{ "HashOn": [] }""", nameof(LoadBalancingAlgorithm.PeakEwma))]
    [InlineData("""{ "HashOn": [ { "Path": true } ], "Policy": "RoundRobin" }""", nameof(LoadBalancingAlgorithm.RoundRobin))]
    [InlineData("""{ "Policy": "peakewma" }""", nameof(LoadBalancingAlgorithm.PeakEwma))]
    [InlineData("""{ "Policy": "Random" }""", nameof(LoadBalancingAlgorithm.Random))]
    [InlineData("""{ "Policy": "leastrequest" }""", nameof(LoadBalancingAlgorithm.LeastRequest))]
    [InlineData("""{ "Policy": "maglev" }""", nameof(LoadBalancingAlgorithm.Maglev))]
    public void Of_PolicyNotSet_IsMaglevWhereSomethingIsHashed(string balancing, string expected) => Assert.Equal(
        expected, Of($$"""{ "Services": { "catalog": { "LoadBalancing": {{balancing}} } } }""").LoadBalancing.Algorithm.ToString());

    private static ServicePolicy Of(string mesh, string host = "catalog", int port = 80)
    {
        var names = new ServiceNames(TestMesh.Options($$"""{ "Mesh": {{mesh}} }"""));
        Assert.True(names.TryResolve(host, port, out ServiceName? name));
        return ServicePolicies.Of(names, name, said: null);
    }
}
