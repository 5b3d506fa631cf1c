using Mesh.Client.Runtime;

namespace Mesh.Client.Tests.Runtime;

/// <summary>Something that is paid for only where it is configured: a row of docs/performance.md.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Configure">Turns it on for a service.</param>
/// <param name="HasDeadline">Whether its calls are made within an ambient deadline.</param>
/// <param name="Linkerd">What of Linkerd's is done; null: nothing.</param>
internal sealed record Feature(
    string Name, Action<MeshServiceOptions> Configure, bool HasDeadline = false, LinkerdTraffic? Linkerd = null)
{
    /// <summary>What all others are compared with.</summary>
    public static readonly Feature Nothing = new("nothing", _ => { });

    /// <summary>What timeouts are set on.</summary>
    public static readonly Feature Route = new("a route by path prefix", service => service.Routes = [ByPrefix()]);

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    public static readonly Feature[] All =
    [
        Nothing,
        new("a hash key with Maglev", Hash),
        Route,
        new("a route by header and query", service => service.Routes =
        [
            new()
            {
                Match = new()
                {
                    Headers = [new() { Name = "x-user-id", Value = "user-42" }],
                    Query = [new() { Name = "version", Value = "2" }],
                },
            },
        ]),
        new("two weighted backends", service => service.Routes = [Split()]),
        new("two weighted backends, by hash key", service =>
        {
            Hash(service);
            service.Routes = [Split()];
        }),
        new("a request header set", service => service.Filters =
            [new() { RequestHeaders = new() { Set = { ["x-tenant"] = "blue" } } }]),
        new("a response header set", service => service.Filters =
            [new() { ResponseHeaders = new() { Set = { ["x-tenant"] = "blue" } } }]),
        new("a path prefix rewritten", service => service.Routes =
            [ByPrefix(new MeshFilterOptions { Rewrite = new() { PathPrefix = "/v2" } })]),
        new("a fault that is not drawn", service => service.Filters =
            [new() { Fault = new() { Abort = new() { Status = 503, Ratio = 0 }, Delay = new() { Fixed = Long, Ratio = 0 } } }]),
        new("a mirror that is not drawn", service => service.Filters = [new() { Mirror = new() { Service = "canary", Ratio = 0 } }]),
        new("`Timeouts:Attempt`", service => service.Timeouts = new() { Attempt = Long }),
        new("`Timeouts:ResponseHead`", service => service.Timeouts = new() { ResponseHead = Long }),
        new("`Timeouts:Response`", service => service.Timeouts = new() { Response = Long }),
        new("`Timeouts:Request`", service => service.Timeouts = new() { Request = Long }),
        new("`Timeouts:Idle`", service => service.Timeouts = new() { Idle = Long }),
        new("an ambient deadline", _ => { }, HasDeadline: true),
        new("`Limits:MaxRequests`", service => service.Limits = new() { MaxRequests = 1000 }),
        new("`Limits:MaxRequestsPerEndpoint`", service => service.Limits = new() { MaxRequestsPerEndpoint = 1000 }),
        new("`Limits:Rate`", service => service.Limits = new() { Rate = new() { PermitsPerSecond = 1_000_000, Burst = 10_000_000 } }),
        new("`Limits:Adaptive`", service => service.Limits = new() { Adaptive = new() }),
        new("Linkerd as the source", _ => { }, Linkerd: new LinkerdTraffic { ReadsHeaders = true, UpgradesHttp1 = true }),
        new("hedging that does not start", service => service.Hedging = new() { Delay = Long }),
    ];

    public override string ToString() => Name;

    private static void Hash(MeshServiceOptions service) => service.LoadBalancing = new()
    {
        Policy = LoadBalancingPolicyName.Maglev,
        HashOn = [new() { Header = "x-user-id" }],
    };

    private static MeshRouteOptions ByPrefix(params MeshFilterOptions[] filters) =>
        new() { Match = new() { Path = new() { Prefix = "/items" } }, Filters = filters };

    private static MeshRouteOptions Split() =>
        new() { Backends = [new() { Service = "catalog", Weight = 90 }, new() { Service = "canary", Weight = 10 }] };
}
