using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;
using HttpRoutes = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes;
using WireMetadata = Mesh.Client.Discovery.Destination.Protocol.Metadata;

namespace Mesh.Client.Tests.Discovery.Linkerd;

public sealed class OutboundPolicyReaderTests
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);

    [Fact]
    public void Read_ThePlainDefaultRoute_ConfiguresNothing_AndSaysThatThereIsNoRetryAndNoAccrual()
    {
        TrafficPolicy policy = Read(Http(new HttpRoute.Types.Rule { Backends = Own() }));

        Assert.Equal(
            new TrafficPolicy
            {
                Ewma = EwmaPolicy.Default,
                Wait = WaitPolicy.Default,
                FailureAccrual = FailureAccrualPolicy.Off,
                Retry = RouteRetryReader.None,
            },
            policy);
    }

    [Fact]
    public void Read_DefaultRouteWithRetryAndTimeout_IsTheServices()
    {
        TrafficPolicy policy = Read(Http(new HttpRoute.Types.Rule
        {
            Backends = Own(),
            Timeouts = new() { Request = Seconds(2) },
            Retry = new()
            {
                MaxRetries = 2,
                MaxRequestBytes = 1024,
                Conditions = new() { StatusRanges = { new HttpRoute.Types.Retry.Types.Conditions.Types.StatusRange { Start = 500, End = 504 } } },
                Timeout = Seconds(1),
            },
        }));

        Assert.Equal(2, policy.Retry!.MaxRetries);
        Assert.Equal(["refused-stream", "500-504"], policy.Retry.On);
        Assert.Equal([RetryPolicy.AnyMethod], policy.Retry.Methods);
        Assert.Equal((TimeSpan.FromSeconds(1), 1024), (policy.Retry.TryTimeout, policy.Retry.MaxBodyBytes));
        Assert.Empty(policy.Routing!.Routes);
        Assert.Equal(new TimeoutPolicy(TimeSpan.FromSeconds(2)), policy.Routing.Default.Timeouts);
    }

    [Theory]
    [InlineData("(?=x)", "http1.routes[1].rules[0].matches[0].path.regex: ")]
    [InlineData("(", "http1.routes[1].rules[0].matches[0].path.regex: ")]
    public void Read_ARegexThatCannotBe_DropsItsRouteAlone(string regex, string place)
    {
        OutboundPolicy wire = Http(Rule("/a"));
        wire.Protocol.Detect.Http1.Routes.Add(new HttpRoute
        {
            Rules = { new HttpRoute.Types.Rule { Matches = { new HttpRoutes.HttpRouteMatch { Path = new() { Regex = regex } } }, Backends = Own() } },
        });

        TrafficPolicy policy = Read(wire);

        Assert.Equal("http", Assert.Single(policy.Routing!.Routes).Name);
        Assert.StartsWith(place, Assert.Single(policy.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoRouteThatCanBeRead_RefusesCalls()
    {
        HttpRoute.Types.Rule rule = Rule("/a");
        rule.Filters.Add(new HttpRoute.Types.Filter { FailureInjector = new() { Status = 500, Ratio = new() } });

        TrafficPolicy policy = Read(Http(rule));

        Assert.Contains("ratio.denominator: it is 0", policy.Routing!.Default.Forbidden, StringComparison.Ordinal);
        Assert.Empty(policy.Routing.Routes);
    }

    [Fact]
    public void Read_Forbidden_NamesTheParent()
    {
        var wire = new OutboundPolicy
        {
            Metadata = new() { Resource = new() { Group = "policy.linkerd.io", Kind = "EgressNetwork", Name = "all", Namespace = "egress" } },
            Protocol = new()
            {
                Opaque = new()
                {
                    Routes =
                    {
                        new OpaqueRoute
                        {
                            Rules = { new OpaqueRoute.Types.Rule { Filters = { new OpaqueRoute.Types.Filter { Forbidden = new() } } } },
                        },
                    },
                },
            },
        };

        Assert.Equal("EgressNetwork/egress/all forbids it", Assert.Single(Read(wire).Routing!.Routes).Forbidden);
    }

    [Fact]
    public void Read_NamesHostsAndMissingBackends()
    {
        HttpRoute.Types.Rule split = Rule("/a");
        split.Backends = new()
        {
            RandomAvailable = new()
            {
                Backends =
                {
                    new HttpRoute.Types.WeightedRouteBackend { Backend = To("other.shop.svc.cluster.local:8080"), Weight = 3 },
                    new HttpRoute.Types.WeightedRouteBackend { Backend = new() { Backend = new() }, Weight = 1 },
                },
            },
        };
        OutboundPolicy wire = Http(split, Rule("/b"));
        HttpRoute route = wire.Protocol.Detect.Http1.Routes[0];
        route.Metadata = new() { Resource = new() { Group = "g", Kind = "HTTPRoute", Name = "catalog", Namespace = "shop" } };
        route.Hosts.Add(new HttpRoutes.HostMatch { Suffix = new() { ReverseLabels = { "com", "example" } } });

        RoutingPolicy routing = Read(wire).Routing!;

        Assert.Equal(["HTTPRoute/shop/catalog", "HTTPRoute/shop/catalog#2"], routing.Routes.Select(r => r.Name));
        Assert.Equal(new HostMatch("example.com", IsSuffix: true), Assert.Single(routing.Routes[0].Hosts));
        Assert.Equal(new RouteBackend(new ServiceName("other.shop.svc.cluster.local", 8080), 3), routing.Routes[0].Backends[0]);
        var fault = Assert.IsType<FaultFilter>(Assert.Single(routing.Routes[0].Backends[1].Filters));
        Assert.Equal((500, 1.0), (fault.Abort!.HttpStatus, fault.Abort.Ratio));
    }

    [Fact]
    public void Read_EmptyDistribution_LeadsNowhere()
    {
        RoutePolicy route = Assert.Single(Read(Http(new HttpRoute.Types.Rule { Backends = new() { Empty = new() } })).Routing!.Routes);

        Assert.Equal(BackendChoice.Nowhere, route.Choice);
    }

    [Theory]
    [InlineData(.12345, 10_000, 5, .1235)]
    [InlineData(.8, null, 5, .8)]
    [InlineData(double.NaN, 10_000, 5, null)]
    [InlineData(1.1, 10_000, 5, null)]
    [InlineData(.5, 9, 5, null)]
    [InlineData(.5, 10_000, 1_000_001, null)]
    public void Read_Unified_IsChecked(double threshold, int? window, int minRequests, double? expected)
    {
        OutboundPolicy wire = Http(new HttpRoute.Types.Rule { Backends = Own() });
        wire.Protocol.Detect.Http1.FailureAccrual = new()
        {
            Unified = new()
            {
                SuccessRateThreshold = threshold,
                Decay = window is { } ms ? Duration.FromTimeSpan(TimeSpan.FromMilliseconds(ms)) : null,
                MinRequests = (uint)minRequests,
                MaxConsecutiveFailures = 7,
                Backoff = new() { MinBackoff = Seconds(1), MaxBackoff = Seconds(60), JitterRatio = .5f },
            },
        };

        TrafficPolicy policy = Read(wire);

        Assert.Equal(
            expected is null ? FailureAccrualPolicy.Off : FailureAccrualPolicy.Default with
            {
                SuccessRate = new SuccessRatePolicy(expected.Value, TimeSpan.FromSeconds(10), minRequests),
            },
            policy.FailureAccrual);
        Assert.Equal(expected is null ? 1 : 0, policy.Problems.Length);
    }

    [Fact]
    public void Read_MutatedMessages_NeverThrows()
    {
        byte[] seed = OutboundPolicyWriter.Write(PolicyGen.Rich, Service, new LeftOut()).ToByteArray();
        Gen.Select(Gen.Int[0, seed.Length - 1], Gen.Byte).Array[1, 8].Sample(
            edits =>
            {
                byte[] bytes = [.. seed];
                Array.ForEach(edits, edit => bytes[edit.Item1] = edit.Item2);
                OutboundPolicy wire;
                try
                {
                    wire = OutboundPolicy.Parser.ParseFrom(bytes);
                }
                catch (InvalidProtocolBufferException)
                {
                    return;
                }

                Assert.NotNull(Read(wire).Retry);
            },
            iter: 3_000);
    }

    [Fact]
    public void Write_ThenRead_IsTheSame() => PolicyGen.Policy.Sample(
        policy =>
        {
            var leftOut = new LeftOut();
            TrafficPolicy read = Read(OutboundPolicyWriter.Write(policy, Service, leftOut));

            Assert.Empty(leftOut.What);
            Assert.Empty(read.Problems);
            Assert.Equal(policy.FailureAccrual, read.FailureAccrual);
            Assert.Equal((policy.Wait, policy.LoadBalancing.Ewma), (read.Wait, read.Ewma));
            Assert.Equal(policy.Routing!.Routes, read.Routing!.Routes);
        },
        iter: 1_000);

    /// <summary>A retry of some methods is two rules on the wire, and one route again where it is the service's own.</summary>
    [Fact]
    public void WriteThenRead_BuiltIn_HasNoRoute_AndRetriesItsMethods()
    {
        TrafficPolicy read = Read(OutboundPolicyWriter.Write(ServicePolicy.Default, Service, new LeftOut()));

        Assert.Null(read.Routing);
        Assert.Equal(1, read.Retry!.MaxRetries);
        Assert.Equal(RetryPolicy.Default.Methods, read.Retry.Methods.Sort());
        Assert.Equal(["refused-stream", "502-504"], read.Retry.On);
    }

    /// <summary>Of somebody's own route they are what they are.</summary>
    [Fact]
    public void Read_TwoRulesThatAreNotOne_StayTwo()
    {
        OutboundPolicy wire = OutboundPolicyWriter.Write(ServicePolicy.Default, Service, new LeftOut());
        wire.Protocol.Detect.Http1.Routes[0].Rules[1].Timeouts = new() { Request = Seconds(1) };

        Assert.Equal(["http", "http#2"], Read(wire).Routing!.Routes.Select(route => route.Name));
    }

    private static TrafficPolicy Read(OutboundPolicy wire) => OutboundPolicyReader.Read(wire, Service, Parse);

    private static ServiceName? Parse(string path) =>
        path.Split(':') is [{ Length: > 0 } host, var port] && int.TryParse(port, out int number) ? new ServiceName(host, number) : null;

    private static OutboundPolicy Http(params HttpRoute.Types.Rule[] rules) => new()
    {
        Protocol = new()
        {
            Detect = new() { Http1 = new() { Routes = { new HttpRoute { Metadata = new WireMetadata { Default = "http" }, Rules = { rules } } } } },
        },
    };

    private static HttpRoute.Types.Rule Rule(string prefix) => new()
    {
        Matches = { new HttpRoutes.HttpRouteMatch { Path = new() { Prefix = prefix } } },
        Backends = Own(),
    };

    private static HttpRoute.Types.Distribution Own() =>
        new() { FirstAvailable = new() { Backends = { To(Service.Authority) } } };

    private static HttpRoute.Types.RouteBackend To(string path) => new()
    {
        Backend = new()
        {
            Balancer = new() { Discovery = new() { Dst = new() { Path = path } }, PeakEwma = new() },
            Queue = new() { Capacity = 100, FailfastTimeout = Seconds(3) },
        },
    };

    private static Duration Seconds(int seconds) => Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));
}
