using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery.Configuration;

public sealed class LimitOptionsTests
{
    [Fact]
    public void Of_EverySetting_IsRead() => Assert.Equal(
        new LimitPolicy
        {
            MaxRequests = 100,
            MaxWaiting = 10,
            MaxRequestsPerEndpoint = 20,
            MaxConnectionsPerEndpoint = 4,
            Rate = new RateLimitPolicy(50.5, 7),
            Adaptive = new AdaptiveLimitPolicy(5, 90, 30),
        },
        Policy("""
            { "Mesh": { "Services": { "catalog": { "Limits": {
                "MaxRequests": 100, "MaxWaiting": 10, "MaxRequestsPerEndpoint": 20, "MaxConnectionsPerEndpoint": 4,
                "Rate": { "PermitsPerSecond": 50.5, "Burst": 7 },
                "Adaptive": { "MinLimit": 5, "MaxLimit": 90, "InitialLimit": 30 } } } } } }
            """));

    [Theory]
    [InlineData("""{ "Mesh": {} }""")]
    [InlineData("""{ "Mesh": { "Services": { "catalog": { "Limits": {} } } } }""")]
    [InlineData("""{ "Mesh": { "Services": { "catalog": { "Limits": { "MaxWaiting": 0, "MaxRequests": null } } } } }""")]
    public void Of_NothingLimited_IsNull(string json) => Assert.Null(Policy(json));

    [Fact]
    public void Of_Layers_AreReadSettingBySetting() => Assert.Equal(
        new LimitPolicy { MaxRequests = 100, MaxWaiting = 3, Rate = new RateLimitPolicy(2.5, 3) },
        Policy("""
            { "Mesh": { "Defaults": { "Limits": { "MaxRequests": 100, "Rate": { "PermitsPerSecond": 1 } } },
                "Services": { "catalog": { "Limits": { "MaxWaiting": 3, "Rate": { "PermitsPerSecond": 2.5 } } } } } }
            """));

    [Fact]
    public void Of_AdaptiveBounds_MoveTheBeginning()
    {
        var options = new MeshClientOptions();
        options.Defaults.Limits = new MeshLimitOptions { Adaptive = new MeshAdaptiveLimitOptions { MaxLimit = 10 } };
        options.Services["catalog"] = new MeshServiceOptions { Limits = new MeshLimitOptions { Adaptive = new() { MinLimit = 6 } } };
        Assert.True(new OptionsValidator().Validate(null, options).Succeeded);

        Assert.Equal(new AdaptiveLimitPolicy(6, 10, 10), Of(options)!.Adaptive);
    }

    [Theory]
    [InlineData("\"MaxRequests\": -1", "MaxRequests: -1 is below 0")]
    [InlineData("\"MaxRequestsPerEndpoint\": -1", "MaxRequestsPerEndpoint: -1 is below 0")]
    [InlineData("\"MaxConnectionsPerEndpoint\": -1", "MaxConnectionsPerEndpoint: -1 is below 0")]
    [InlineData("\"MaxRequests\": 1, \"MaxWaiting\": -1", "MaxWaiting: -1 is below 0")]
    [InlineData("\"MaxWaiting\": 5", "MaxWaiting: there is nothing to wait for: set MaxRequests or Adaptive too")]
    [InlineData("\"MaxRequest\": 5", "MaxRequest: unknown key; did you mean MaxRequests? Known here: MaxRequests, MaxWaiting, "
        + "MaxRequestsPerEndpoint, MaxConnectionsPerEndpoint, Rate, Adaptive")]
    [InlineData("\"Rate\": { \"Burst\": 5 }", "Rate: PermitsPerSecond is not set")]
    [InlineData("\"Rate\": { \"PermitsPerSecond\": 0.0001 }", "Rate:PermitsPerSecond: 0.0001 is not from 0.001 to 1000000")]
    [InlineData("\"Rate\": { \"PermitsPerSecond\": 1, \"Burst\": 0 }", "Rate:Burst: 0 is not from 1 to 10000000")]
    [InlineData("\"Adaptive\": { \"MinLimit\": 0 }", "Adaptive:MinLimit: 0 is below 1")]
    [InlineData("\"Adaptive\": { \"MinLimit\": 201 }", "Adaptive:MinLimit: MinLimit, 201, is above MaxLimit, 200")]
    [InlineData("\"Adaptive\": { \"InitialLimit\": 3 }", "Adaptive:InitialLimit: MinLimit, 4, is above InitialLimit, 3")]
    [InlineData("\"Adaptive\": { \"InitialLimit\": 201 }", "Adaptive:InitialLimit: InitialLimit, 201, is above MaxLimit, 200")]
    [InlineData("\"MaxRequests\": 7, \"Adaptive\": { \"MinLimit\": 8 }", "Adaptive:MinLimit: MinLimit, 8, is above MaxRequests, 7")]
    [InlineData("\"MaxRequests\": 2, \"Adaptive\": { \"MaxLimit\": 90 }", "MaxRequests: MinLimit, 4, is above MaxRequests, 2")]
    [InlineData("\"MaxRequests\": 0, \"MaxWaiting\": 5", "MaxWaiting: there is nothing to wait for: set MaxRequests or Adaptive too")]
    public void Validate_Wrong_IsNamedWithItsPath(string limits, string error)
    {
        string json = $$"""{ "Mesh": { "Services": { "catalog": { "Limits": { {{limits}} } } } } }""";
        Assert.Equal([$"Mesh:Services:catalog:Limits:{error}"], TestMesh.Errors(json));
    }

    [Theory]
    [InlineData("\"Adaptive\": { \"MinLimit\": 4 }", "\"MaxRequests\": 2", "MaxRequests: MinLimit, 4, is above MaxRequests, 2")]
    [InlineData("\"MaxRequests\": 2", "\"Adaptive\": { \"MaxLimit\": 9 }", "Adaptive: MinLimit, 4, is above MaxRequests, 2")]
    public void Validate_ContradictionWithTheDefaults_IsNamedInTheService(string defaults, string service, string error) => Assert.Equal(
        [$"Mesh:Services:catalog:Limits:{error}"],
        TestMesh.Errors(
            $$"""{ "Mesh": { "Defaults": { "Limits": { {{defaults}} } }, "Services": { "catalog": { "Limits": { {{service}} } } } } }"""));

    [Fact]
    public void Of_Zero_UndoesTheDefaults() => Assert.Null(Policy("""
        { "Mesh": { "Defaults": { "Limits": {
                "MaxRequests": 100, "MaxRequestsPerEndpoint": 20, "MaxConnectionsPerEndpoint": 4,
                "Rate": { "PermitsPerSecond": 50 }, "Adaptive": { "MinLimit": 5, "InitialLimit": 10 } } },
            "Services": { "catalog": { "Limits": {
                "MaxRequests": 0, "MaxRequestsPerEndpoint": 0, "MaxConnectionsPerEndpoint": 0,
                "Rate": { "PermitsPerSecond": 0 }, "Adaptive": { "MaxLimit": 0 } } } } } }
        """));

    [Fact]
    public void Of_DefaultsThatNobodyCompletes_LimitNothing() => Assert.Null(Policy("""
        { "Mesh": { "Defaults": { "Limits": { "MaxWaiting": 5, "Rate": { "Burst": 5 } } } } }
        """));

    [Fact]
    public void Validate_WaitingForADefaultLimit_IsFine() => Assert.Equal(
        new LimitPolicy { MaxRequests = 1, MaxWaiting = 5 },
        Policy("""
            { "Mesh": { "Defaults": { "Limits": { "MaxRequests": 1 } }, "Services": { "catalog": { "Limits": { "MaxWaiting": 5 } } } } }
            """));

    private static LimitPolicy? Policy(string json) => Of(TestMesh.Options(json));

    private static LimitPolicy? Of(MeshClientOptions options)
    {
        var names = new ServiceNames(options);
        Assert.True(names.TryResolve("catalog", 80, out ServiceName? name));
        return ServicePolicies.Of(names, name, said: null).Limits;
    }
}
