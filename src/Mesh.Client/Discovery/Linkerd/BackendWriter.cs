using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using GrpcDistribution = Mesh.Client.Discovery.Linkerd.Protocol.GrpcRoute.Types;
using HttpDistribution = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoute.Types;
using OpaqueDistribution = Mesh.Client.Discovery.Linkerd.Protocol.OpaqueRoute.Types;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Writes where a route's calls go, with the load and the queue that the service has.</summary>
internal sealed class BackendWriter(ServiceName service, ServicePolicy policy, LeftOut leftOut)
{
    public HttpDistribution.Distribution Http(RoutePolicy route)
    {
        RouteBackend[] backends = Of(route);
        HttpDistribution.RouteBackend[] written = Array.ConvertAll(backends, backend =>
        {
            var wire = new HttpDistribution.RouteBackend { Backend = Write(backend.Service) };
            wire.Filters.Add(RouteFilterWriter.Http(backend.Filters, leftOut));
#pragma warning disable CS0612 // The one place for the limit of an attempt.
            wire.RequestTimeout = WireDurations.Write(route.Timeouts.Attempt);
#pragma warning restore CS0612
            return wire;
        });
        var distribution = new HttpDistribution.Distribution();
        switch (ChoiceOf(route))
        {
            case BackendChoice.Nowhere:
                distribution.Empty = new();
                break;
            case BackendChoice.FirstAvailable:
                distribution.FirstAvailable = new() { Backends = { written } };
                break;
            default:
                distribution.RandomAvailable = new();
                distribution.RandomAvailable.Backends.Add(written.Select((backend, i) =>
                    new HttpDistribution.WeightedRouteBackend { Backend = backend, Weight = (uint)backends[i].Weight }));
                break;
        }

        return distribution;
    }

    public GrpcDistribution.Distribution Grpc(RoutePolicy route)
    {
        RouteBackend[] backends = Of(route);
        GrpcDistribution.RouteBackend[] written = Array.ConvertAll(backends, backend =>
        {
            var wire = new GrpcDistribution.RouteBackend { Backend = Write(backend.Service) };
            wire.Filters.Add(RouteFilterWriter.Grpc(backend.Filters, leftOut));
#pragma warning disable CS0612 // The one place for the limit of an attempt.
            wire.RequestTimeout = WireDurations.Write(route.Timeouts.Attempt);
#pragma warning restore CS0612
            return wire;
        });
        var distribution = new GrpcDistribution.Distribution();
        switch (ChoiceOf(route))
        {
            case BackendChoice.Nowhere:
                distribution.Empty = new();
                break;
            case BackendChoice.FirstAvailable:
                distribution.FirstAvailable = new() { Backends = { written } };
                break;
            default:
                distribution.RandomAvailable = new();
                distribution.RandomAvailable.Backends.Add(written.Select((backend, i) =>
                    new GrpcDistribution.WeightedRouteBackend { Backend = backend, Weight = (uint)backends[i].Weight }));
                break;
        }

        return distribution;
    }

    /// <summary>For bytes that nobody looks into: the service itself.</summary>
    public OpaqueDistribution.Distribution Opaque() => new()
    {
        FirstAvailable = new() { Backends = { new OpaqueDistribution.RouteBackend { Backend = Write(service) } } },
    };

    private static BackendChoice ChoiceOf(RoutePolicy route) =>
        route.Choice is BackendChoice.Weighted && route.Backends.IsEmpty ? BackendChoice.FirstAvailable : route.Choice;

    // Of the first that is available the weight says only whether it is one of them.
    private RouteBackend[] Of(RoutePolicy route) => route switch
    {
        { Choice: BackendChoice.Nowhere } => [],
        { Backends.IsEmpty: true } => [new RouteBackend(service)],
        { Choice: BackendChoice.FirstAvailable } => [.. route.Backends.Where(backend => backend.Weight > 0)],
        _ => [.. route.Backends],
    };

    private Protocol.Backend Write(ServiceName target) => new()
    {
        Metadata = new Metadata { Default = "service" },
        Balancer = Balancer(target),
        Queue = new Protocol.Queue
        {
            Capacity = (uint)policy.Wait.Capacity,
            FailfastTimeout = WireDurations.Write(policy.Wait.Timeout),
        },
    };

    private Protocol.BalanceP2c Balancer(ServiceName target)
    {
        EwmaPolicy ewma = policy.LoadBalancing.Ewma;
        var balancer = new Protocol.BalanceP2c { Discovery = new() { Dst = new() { Path = target.Authority } } };
        if (ewma.Penalty is { } penalty)
        {
            balancer.PenaltyPeakEwma = new()
            {
                DefaultRtt = WireDurations.Write(ewma.DefaultRtt),
                Decay = WireDurations.Write(ewma.Decay),
                Penalty = WireDurations.Write(penalty.Latency),
                MaxRetryAfter = WireDurations.Write(penalty.MaxRetryAfter),
            };
        }
        else
        {
            balancer.PeakEwma = new()
            {
                DefaultRtt = WireDurations.Write(ewma.DefaultRtt),
                Decay = WireDurations.Write(ewma.Decay),
            };
        }

        return balancer;
    }
}
