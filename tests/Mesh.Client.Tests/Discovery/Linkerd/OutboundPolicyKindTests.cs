using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;
using GrpcRoutes = Mesh.Client.Discovery.Linkerd.Protocol.GrpcRoutes;
using HttpRoutes = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes;
using WireMetadata = Mesh.Client.Discovery.Destination.Protocol.Metadata;

namespace Mesh.Client.Tests.Discovery.Linkerd;

/// <summary>Policies that are not of HTTP routes, and accrual that counts.</summary>
public sealed class OutboundPolicyKindTests
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);

    [Fact]
    public void Read_Grpc_MatchesFiltersRetriesAndTimeouts()
    {
        var rule = new GrpcRoute.Types.Rule
        {
            Matches =
            {
                new GrpcRoutes.GrpcRouteMatch
                {
                    Rpc = new() { Service = "shop.Catalog" },
                    Headers = { new HttpRoutes.HeaderMatch { Name = "x-a", Exact = ByteString.CopyFromUtf8("1") } },
                },
                new GrpcRoutes.GrpcRouteMatch { Rpc = new() },
            },
            Filters = { new GrpcRoute.Types.Filter { FailureInjector = new() { Code = 8, Ratio = new() { Numerator = 1, Denominator = 4 } } } },
            Backends = Own(),
            Retry = new() { MaxRetries = 2, Conditions = new() { DeadineExceeded = true, Unavailable = true } },
            Timeouts = new() { Request = Seconds(3) },
        };

        TrafficPolicy policy = Read(Grpc(rule));

        RoutePolicy route = Assert.Single(policy.Routing!.Routes);
        Assert.Equal(
            [new RouteMatch { Grpc = new GrpcMatch("shop.Catalog", null), Headers = [new NamedMatch("x-a", "1")] }, new RouteMatch()],
            route.Matches);
        Assert.Equal(new FaultAbort(null, 8, null, .25), Assert.IsType<FaultFilter>(Assert.Single(route.Filters)).Abort);
        Assert.Equal(["refused-stream", "deadline-exceeded", "unavailable"], route.Retry.On);
        Assert.Equal(TimeSpan.FromSeconds(3), route.Timeouts.Request);
        Assert.Equal(RouteRetryReader.None, policy.Retry);
        Assert.Empty(policy.Problems);
    }

    [Fact]
    public void Read_GrpcRouteWithAStatusThatIsNone_IsLeftOutAlone()
    {
        var bad = new GrpcRoute.Types.Rule
        {
            Filters = { new GrpcRoute.Types.Filter { FailureInjector = new() { Code = 65536 } } },
            Backends = Own(),
        };
        OutboundPolicy wire = Grpc(bad);
        wire.Protocol.Grpc.Routes.Add(new GrpcRoute { Metadata = Named("good"), Rules = { new GrpcRoute.Types.Rule { Backends = Own() } } });

        TrafficPolicy policy = Read(wire);

        Assert.Equal("GRPCRoute/shop/good", Assert.Single(policy.Routing!.Routes).Name);
        Assert.StartsWith("grpc.routes[0].rules[0].filters[0].failure_injector.code: 65536", Assert.Single(policy.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_GrpcBackendThatDoesNotExist_FailsItsShareAsUnknown()
    {
        // As Linkerd's policy controller says it: an HTTP status where gRPC's belongs, and no kind of backend.
        var gone = new GrpcRoute.Types.RouteBackend
        {
            Backend = new() { Metadata = Named("gone"), Queue = new() { Capacity = 100, FailfastTimeout = Seconds(3) } },
            Filters = { new GrpcRoute.Types.Filter { FailureInjector = new() { Code = 500, Message = "Service not found gone" } } },
        };
        var own = new GrpcRoute.Types.RouteBackend { Backend = Balancer(Service.Authority) };
        var rule = new GrpcRoute.Types.Rule
        {
            Backends = new()
            {
                RandomAvailable = new()
                {
                    Backends =
                    {
                        new GrpcRoute.Types.WeightedRouteBackend { Weight = 1, Backend = gone },
                        new GrpcRoute.Types.WeightedRouteBackend { Weight = 9, Backend = own },
                    },
                },
            },
        };

        TrafficPolicy policy = Read(Grpc(rule));

        RoutePolicy route = Assert.Single(policy.Routing!.Routes);
        Assert.Equal([1, 9], route.Backends.Select(backend => backend.Weight));
        Assert.Equal(
            new FaultAbort(null, 2, "Service not found gone", 1),
            Assert.IsType<FaultFilter>(Assert.Single(route.Backends[0].Filters)).Abort);
        Assert.Empty(route.Backends[1].Filters);
        Assert.Empty(policy.Problems);
    }

    [Fact]
    public void WriteThenRead_GrpcRoutes_AreGrpcAndTheSame()
    {
        var route = new RoutePolicy("r")
        {
            Matches = [new RouteMatch { Grpc = new GrpcMatch("shop.Catalog", "Get"), Headers = [new NamedMatch("x-a", "a.*", IsRegex: true)] }],
            Filters = [new HeaderFilter(OnResponse: false) { Remove = ["x-b"] }, new FaultFilter(new FaultAbort(null, 14, "no", .5), Delay: null)],
            Backends = [new RouteBackend(new ServiceName("other.shop.svc.cluster.local", 81), 3), new RouteBackend(Service)],
            Retry = new RetryPolicy { MaxRetries = 3, On = ["refused-stream", "cancelled", "internal"], Methods = [RetryPolicy.AnyMethod] },
            Timeouts = new TimeoutPolicy(TimeSpan.FromSeconds(2)),
            AllowRequestHeaders = true,
        };
        var leftOut = new LeftOut();

        OutboundPolicy wire = OutboundPolicyWriter.Write(
            ServicePolicy.Default with { Routing = new RoutingPolicy([route], new RoutePolicy(RoutingPolicy.DefaultName)) }, Service, leftOut);

        Assert.Equal(ProxyProtocol.KindOneofCase.Grpc, wire.Protocol.KindCase);
        Assert.Equal(route, Assert.Single(Read(wire).Routing!.Routes));
        Assert.Empty(leftOut.What);
    }

    [Fact]
    public void Read_Tls_GoesWhereItsFirstRouteSays()
    {
        TlsRoute To(string path) => new()
        {
            Metadata = Named(path),
            Rules =
            {
                new TlsRoute.Types.Rule
                {
                    Backends = new() { FirstAvailable = new() { Backends = { new TlsRoute.Types.RouteBackend { Backend = Balancer(path + ":443") } } } },
                },
            },
        };

        RoutePolicy route = Assert.Single(Read(new OutboundPolicy { Protocol = new() { Tls = new() { Routes = { To("one"), To("two") } } } }).Routing!.Routes);

        Assert.Equal(new ServiceName("one", 443), Assert.Single(route.Backends).Service);
        Assert.Equal(RouteRetryReader.None, route.Retry);
    }

    [Fact]
    public void Read_OpaqueOfTheServiceItself_IsPlain_AndNeitherRetriesNorShuts()
    {
        TrafficPolicy policy = Read(Opaque(new OpaqueRoute.Types.Rule
        {
            Backends = new() { FirstAvailable = new() { Backends = { new OpaqueRoute.Types.RouteBackend { Backend = Balancer(Service.Authority) } } } },
        }));

        Assert.Null(policy.Routing);
        Assert.Equal((RouteRetryReader.None, FailureAccrualPolicy.Off), (policy.Retry, policy.FailureAccrual));
        Assert.Equal(EwmaPolicy.Default, policy.Ewma);
    }

    [Fact]
    public void Read_OpaqueThatIsInvalid_RefusesInItsWords()
    {
        RoutePolicy route = Assert.Single(Read(Opaque(new OpaqueRoute.Types.Rule
        {
            Filters = { new OpaqueRoute.Types.Filter { Invalid = new() { Message = "no such port" } } },
        })).Routing!.Routes);

        Assert.Equal("its policy is invalid: no such port", route.Forbidden);
    }

    [Fact]
    public void Read_ProtocolThatIsNotKnown_IsTheService_AndSaysSo()
    {
        TrafficPolicy policy = Read(new OutboundPolicy { Protocol = new() });

        Assert.Null(policy.Routing);
        Assert.StartsWith("protocol: ", Assert.Single(policy.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 1, 60, .5f, null)]
    [InlineData(0, 1, 60, .5f, "max_failures: it is 0")]
    [InlineData(3, null, null, 0f, "backoff: it is missing")]
    [InlineData(3, 2, 1, 0f, "backoff.min_backoff: it is more than max_backoff")]
    [InlineData(3, 1, 0, 0f, "backoff.max_backoff: it is missing or 0")]
    [InlineData(3, 1, 60, -1f, "backoff.jitter_ratio: it is not 0 to 100")]
    [InlineData(3, -1, 60, 0f, "backoff.min_backoff: it is negative")]
    public void Read_Consecutive_IsChecked(int failures, int? min, int? max, float jitter, string? problem)
    {
        OutboundPolicy wire = Grpc(new GrpcRoute.Types.Rule { Backends = Own() });
        wire.Protocol.Grpc.FailureAccrual = new()
        {
            ConsecutiveFailures = new()
            {
                MaxFailures = (uint)failures,
                Backoff = min is null ? null : new() { MinBackoff = Seconds(min.Value), MaxBackoff = Seconds(max!.Value), JitterRatio = jitter },
            },
        };

        TrafficPolicy policy = Read(wire);

        Assert.Equal(
            problem is null ? FailureAccrualPolicy.Default with { MaxFailures = 3, JitterRatio = .5 } : FailureAccrualPolicy.Off,
            policy.FailureAccrual);
        Assert.Equal(problem is null ? 0 : 1, policy.Problems.Length);
        Assert.All(policy.Problems, said => Assert.StartsWith($"grpc.failure_accrual.consecutive_failures.{problem}", said, StringComparison.Ordinal));
    }

    /// <summary>What a detected port does with bytes stands beside what it does with requests.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Read_Detect_OpaqueRoutesAreOfBytes(bool forbids, bool isElsewhere)
    {
        var rule = new OpaqueRoute.Types.Rule
        {
            Backends = new()
            {
                FirstAvailable = new()
                {
                    Backends = { new OpaqueRoute.Types.RouteBackend { Backend = Balancer(isElsewhere ? "other.shop:80" : Service.Authority) } },
                },
            },
        };
        if (forbids)
        {
            rule.Filters.Add(new OpaqueRoute.Types.Filter { Forbidden = new() });
        }

        OutboundPolicy wire = Opaque(rule);
        wire.Protocol = new() { Detect = new() { Http1 = new(), Opaque = wire.Protocol.Opaque } };

        TrafficPolicy policy = Read(wire);

        Assert.Null(policy.Routing);
        RoutePolicy? bytes = policy.BytesRouting?.Routes.Single();
        Assert.Equal((forbids, isElsewhere ? 1 : 0), (bytes?.Forbidden is not null, bytes?.Backends.Length ?? 0));
        Assert.Empty(policy.Problems);
    }

    /// <summary>Nothing is said of bytes; but what refuses all calls still does.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_Grpc_OfBytesOnlyARefusalHolds(bool isReadable)
    {
        GrpcRoute.Types.Rule rule = new() { Backends = Own(), Timeouts = new() { Request = Seconds(3) } };
        if (!isReadable)
        {
            rule.Filters.Add(new GrpcRoute.Types.Filter { FailureInjector = new() { Code = 65536 } });
        }

        TrafficPolicy policy = Read(Grpc(rule));

        Assert.NotNull(policy.Routing);
        Assert.Equal(isReadable, policy.BytesRouting is null);
        Assert.Equal(isReadable, policy.BytesRouting?.Default.Forbidden is null);
    }

    private static TrafficPolicy Read(OutboundPolicy wire) => OutboundPolicyReader.Read(
        wire, Service, path => path.Split(':') is [var host, var port] ? new ServiceName(host, int.Parse(port, null)) : null);

    private static OutboundPolicy Grpc(GrpcRoute.Types.Rule rule) => new()
    {
        Protocol = new() { Grpc = new() { Routes = { new GrpcRoute { Metadata = Named("catalog"), Rules = { rule } } } } },
    };

    private static OutboundPolicy Opaque(OpaqueRoute.Types.Rule rule) => new()
    {
        Protocol = new() { Opaque = new() { Routes = { new OpaqueRoute { Metadata = Named("catalog"), Rules = { rule } } } } },
    };

    private static WireMetadata Named(string name) =>
        new() { Resource = new() { Group = "gateway.networking.k8s.io", Kind = "GRPCRoute", Name = name, Namespace = "shop" } };

    private static GrpcRoute.Types.Distribution Own() => new()
    {
        FirstAvailable = new() { Backends = { new GrpcRoute.Types.RouteBackend { Backend = Balancer(Service.Authority) } } },
    };

    private static Mesh.Client.Discovery.Linkerd.Protocol.Backend Balancer(string path) =>
        new() { Balancer = new() { Discovery = new() { Dst = new() { Path = path } }, PeakEwma = new() } };

    private static Duration Seconds(int seconds) => Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));
}
