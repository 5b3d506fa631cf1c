using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Tests.Discovery.Linkerd;

public sealed class ProfileReaderTests
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);

    [Fact]
    public void Read_WithoutRoutesAndOverrides_IsNoPolicy()
    {
        LinkerdProfile read = ProfileReader.Read(ProfileWriter.Write(RetryBudgetPolicy.Default, Service), Service);

        Assert.Equal(new LinkerdProfile(null, null, null, false, Service.Host), read);
    }

    /// <summary>Of bytes there is the split alone; one that says nothing leaves the word to the policy.</summary>
    [Theory]
    [InlineData("catalog-v1.shop.svc.cluster.local", 1u, 1)]
    [InlineData("catalog.shop.svc.cluster.local", 1u, 0)]
    [InlineData("catalog-v1.shop.svc.cluster.local", 0u, null)]
    [InlineData("no host", 1u, null)]
    public void Read_Overrides_OfBytesToo(string authority, uint weight, int? backends)
    {
        var route = new Route { Condition = new() { Path = new() { Regex = "/a" } }, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) };
        var wire = new DestinationProfile { Routes = { route }, DstOverrides = { new WeightedDst { Authority = authority, Weight = weight } } };

        TrafficPolicy? policy = ProfileReader.Read(wire, Service).BytesPolicy;

        Assert.Equal(backends is not null, policy is not null);
        Assert.Equal(backends ?? 0, policy?.Routing?.Default.Backends.Length ?? 0);
        Assert.Empty(policy?.Routing?.Routes ?? []);
        Assert.Equal(TimeoutPolicy.None, policy?.Routing?.Default.Timeouts ?? TimeoutPolicy.None);
    }

    [Fact]
    public void Read_RetryableRoute_RetriesWhatItsClassesCallAFailure()
    {
        var route = new Route
        {
            Condition = new() { Path = new() { Regex = "/a" } },
            IsRetryable = true,
            Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)),
            ResponseClasses =
            {
                new ResponseClass { Condition = Status(501, 501) },
                new ResponseClass { Condition = Status(400, 404), IsFailure = true },
            },
        };

        TrafficPolicy policy = Policy(new DestinationProfile { Routes = { route }, RetryBudget = Budget(.2f, 10) });

        RoutePolicy read = Assert.Single(policy.Routing!.Routes);
        Assert.True(policy.Routing.FirstMatch);
        Assert.Equal(RetryBudgetPolicy.Default, read.Retry.Budget);
        Assert.Equal(
            [
                "refused-stream", "400-404", "500", "502-599",
                "unknown", "deadline-exceeded", "permission-denied", "internal", "unavailable", "data-loss",
            ],
            read.Retry.On);
        Assert.Equal(new RequestCondition.Path("/a"), Assert.Single(read.Matches).Condition);
        Assert.Equal(TimeSpan.FromSeconds(2), read.Timeouts.Request);
        Assert.Equal((0, FailureAccrualPolicy.Off), (policy.Retry!.MaxRetries, policy.FailureAccrual));
    }

    [Theory]
    [InlineData(.2f, 61)]
    [InlineData(.2f, 0)]
    [InlineData(-1f, 10)]
    [InlineData(1001f, 10)]
    [InlineData(float.NaN, 10)]
    public void Read_BudgetThatCannotBe_RetriesNothing(float ratio, int ttl)
    {
        TrafficPolicy policy = Policy(new DestinationProfile
        {
            Routes = { new Route { Condition = new() { Path = new() { Regex = "/a" } }, IsRetryable = true } },
            RetryBudget = Budget(ratio, ttl),
        });

        Assert.Equal(0, Assert.Single(policy.Routing!.Routes).Retry.MaxRetries);
        Assert.Single(policy.Problems);
    }

    [Fact]
    public void Read_Overrides_HoldForEveryCall()
    {
        TrafficPolicy policy = Policy(new DestinationProfile
        {
            Routes = { new Route { Condition = new() { All = new() } } },
            DstOverrides =
            {
                new WeightedDst { Authority = "v1.shop.svc.cluster.local.", Weight = 9000 },
                new WeightedDst { Authority = "v2.shop.svc.cluster.local:81", Weight = 1000 },
                new WeightedDst { Authority = "v3.shop.svc.cluster.local", Weight = 0 },
            },
        });

        RouteBackend[] expected =
            [new(new ServiceName("v1.shop.svc.cluster.local", 80), 9000), new(new ServiceName("v2.shop.svc.cluster.local", 81), 1000)];
        Assert.Equal(expected, policy.Routing!.Default.Backends);
        Assert.Equal(expected, policy.Routing.Routes[0].Backends);
    }

    [Fact]
    public void Read_RandomBytes_NeverThrows() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            try
            {
                ProfileReader.Read(DestinationProfile.Parser.ParseFrom([0x0a, (byte)Math.Min(bytes.Length, 127), .. bytes]), Service);
            }
            catch (InvalidProtocolBufferException)
            {
                // Not ours.
            }
        },
        iter: 5_000);

    private static TrafficPolicy Policy(DestinationProfile wire) => ProfileReader.Read(wire, Service).Policy!;

    private static ResponseMatch Status(uint min, uint max) => new() { Status = new() { Min = min, Max = max } };

    private static RetryBudget Budget(float ratio, int ttl) =>
        new() { RetryRatio = ratio, MinRetriesPerSecond = 10, Ttl = Duration.FromTimeSpan(TimeSpan.FromSeconds(ttl)) };
}
