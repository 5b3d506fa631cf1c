using CsCheck;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Tests.Discovery.Linkerd;

/// <summary>Random policies that the wire can carry.</summary>
internal static class PolicyGen
{
    private static readonly ServiceName Own = new("catalog.shop.svc.cluster.local", 80);
    private static readonly ServiceName Other = new("other.shop.svc.cluster.local", 8080);

    private static readonly Gen<TimeSpan> Time = Gen.Int[1, 60_000].Select(ms => TimeSpan.FromMilliseconds(ms));
    private static readonly Gen<TimeSpan?> MaybeTime = Gen.Select(Gen.Bool, Time).Select((some, time) => some ? time : (TimeSpan?)null);

    private static readonly Gen<RouteMatch> Match = Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Bool, Gen.Bool)
        .Select((path, method, header, query) => new RouteMatch
        {
            Path = path == 0 ? null : new PathMatch((PathMatchKind)(path - 1), "/a"),
            Method = method ? "PURGE" : "GET",
            Headers = header ? [new NamedMatch("x-a", "1"), new NamedMatch("x-b", "a.*", IsRegex: true)] : [],
            Query = query ? [new NamedMatch("q", "1")] : [],
        });

    private static readonly Gen<RetryPolicy> Retry = Gen.Select(Gen.Int[0, 3], MaybeTime, Gen.Bool).Select((retries, timeout, two) =>
        retries == 0 ? RouteRetryReader.None : new RetryPolicy
        {
            MaxRetries = retries,
            On = two ? ["refused-stream", "429", "500-504"] : ["refused-stream", "503"],
            Methods = [RetryPolicy.AnyMethod],
            TryTimeout = timeout,
            MaxBodyBytes = retries * 1000,
        });

    private static readonly Gen<RouteFilter> Filter = Gen.Int[0, 3].Select(kind => (RouteFilter)(kind switch
    {
        0 => new HeaderFilter(OnResponse: false) { Add = [new HeaderValue("x-a", "1")], Set = [new HeaderValue("x-b", "2")], Remove = ["x-c"] },
        1 => new HeaderFilter(OnResponse: true) { Set = [new HeaderValue("x-d", "3")] },
        2 => new RedirectFilter("https", "example.com", 8443, new PathChange(IsPrefix: true, "/b"), 301),
        _ => new FaultFilter(new FaultAbort(503, null, "no", .25), Delay: null),
    }));

    private static readonly Gen<RoutePolicy> Route = Gen.Select(
        Match.Array[1, 3], Retry, Filter.Array[0, 2], Gen.Select(MaybeTime, MaybeTime, MaybeTime, MaybeTime), Gen.Int[0, 3], Gen.Bool)
        .Select((matches, retry, filters, times, backends, hosts) => new RoutePolicy("r")
        {
            Hosts = hosts ? [new HostMatch("a.example"), new HostMatch("example.com", IsSuffix: true)] : [],
            Matches = [.. matches],
            Retry = retry,
            Filters = [.. filters],
            Timeouts = new TimeoutPolicy(times.Item1, backends == 3 ? null : times.Item2, Idle: times.Item4, Response: times.Item3),
            AllowRequestHeaders = hosts,
            Choice = backends == 3 ? BackendChoice.Nowhere : backends == 2 ? BackendChoice.FirstAvailable : BackendChoice.Weighted,
            Backends = backends switch
            {
                0 or 3 => [],
                1 => [new RouteBackend(Own, 3), new RouteBackend(Other, 0) { Filters = [.. filters] }],
                _ => [new RouteBackend(Other), new RouteBackend(Own)],
            },
        });

    private static readonly Gen<FailureAccrualPolicy> Accrual = Gen.Select(Gen.Int[0, 2], Gen.Int[1, 9], Time).Select((kind, failures, time) =>
        kind == 0 ? FailureAccrualPolicy.Off : new FailureAccrualPolicy
        {
            MaxFailures = failures,
            MinPenalty = time,
            MaxPenalty = time * 2,
            JitterRatio = .2,
            SuccessRate = kind == 2 ? new SuccessRatePolicy(.75, time + TimeSpan.FromSeconds(1), failures) : null,
        });

    // The load and the queue are read where the service itself is a backend: where no route has one, nobody would weigh by them.
    public static readonly Gen<ServicePolicy> Policy = Gen.Select(Route.Array[0, 4], Accrual, Time, Gen.Bool)
        .Select((routes, accrual, time, penalty) => new ServicePolicy
        {
            FailureAccrual = accrual,
            Wait = WaitPolicy.Default with { Timeout = time },
            LoadBalancing = LoadBalancingPolicy.Default with
            {
                Ewma = new EwmaPolicy(time, time * 3, penalty ? new EwmaPenalty(time, time * 2) : null),
            },
            Routing = new RoutingPolicy(
                [
                    .. routes.Select((route, i) => route with { Name = $"route-{i}" }),
                    new RoutePolicy("last") { Matches = [new RouteMatch { Method = "PUT" }], Retry = RouteRetryReader.None },
                ],
                new RoutePolicy(RoutingPolicy.DefaultName)),
        });

    /// <summary>One with everything.</summary>
    public static readonly ServicePolicy Rich = new()
    {
        Routing = new RoutingPolicy(
            [
                new RoutePolicy("everything")
                {
                    Hosts = [new HostMatch("example.com", IsSuffix: true)],
                    Matches =
                    [
                        new RouteMatch
                        {
                            Path = new PathMatch(PathMatchKind.Regex, "/a(b|c)+"),
                            Headers = [new NamedMatch("x-a", "a.*", IsRegex: true)],
                            Query = [new NamedMatch("q", "1")],
                            Method = "GET",
                        },
                    ],
                    Filters =
                    [
                        new HeaderFilter(OnResponse: false) { Add = [new HeaderValue("x-a", "1")], Remove = ["x-c"] },
                        new RedirectFilter("https", "example.com", 8443, new PathChange(IsPrefix: true, "/b"), 301),
                        new FaultFilter(new FaultAbort(503, null, "no", .25), Delay: null),
                    ],
                    Backends = [new RouteBackend(Own, 3), new RouteBackend(Other)],
                    Retry = new RetryPolicy { TryTimeout = TimeSpan.FromSeconds(1) },
                    Timeouts = new TimeoutPolicy(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)),
                },
            ],
            new RoutePolicy(RoutingPolicy.DefaultName)),
    };
}
