using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// Writes what holds for a service as Linkerd's policy controller does: built-in settings too, so that a client has them explicitly.
/// </summary>
internal static class OutboundPolicyWriter
{
    /// <summary>Linkerd's name of the route that a service has without any.</summary>
    public const string DefaultRoute = "http";

    private static readonly TimeSpan DetectTimeout = TimeSpan.FromSeconds(10);

    /// <param name="policy">What holds.</param>
    /// <param name="service">For whose calls.</param>
    /// <param name="leftOut">Takes what the wire has no place for.</param>
    public static Protocol.OutboundPolicy Write(ServicePolicy policy, ServiceName service, LeftOut leftOut)
    {
        var backends = new BackendWriter(service, policy, leftOut);
        leftOut.Add("Limits", policy.Limits is not null);
        leftOut.Add("LoadBalancing:Policy (our own clients have it)", policy.LoadBalancing.Algorithm is not LoadBalancingAlgorithm.PeakEwma);
        ImmutableArray<RoutePolicy> routes = policy.Routing?.Routes ?? [];
        return new Protocol.OutboundPolicy
        {
            Protocol = IsGrpc(routes) ? Grpc(policy, routes, backends, leftOut) : Detect(policy, routes, backends, leftOut),
            Metadata = WireMetadata.Of(service),
        };
    }

    // HTTP routes say no less where their matches are no methods of gRPC.
    private static bool IsGrpc(ImmutableArray<RoutePolicy> routes) =>
        !routes.IsEmpty && routes.All(route =>
            !route.Matches.IsEmpty
            && route.Matches.All(match => match is { Grpc.IsRegex: false, Query.IsEmpty: true, Condition: null }));

    private static Protocol.ProxyProtocol Grpc(
        ServicePolicy policy, ImmutableArray<RoutePolicy> routes, BackendWriter backends, LeftOut leftOut) => new()
        {
            Grpc = new()
            {
                Routes = { routes.Select(route => Grpc(route, backends, leftOut)) },
                FailureAccrual = FailureAccrualWriter.Write(policy.FailureAccrual),
            },
        };

    private static Protocol.ProxyProtocol Detect(
        ServicePolicy policy, ImmutableArray<RoutePolicy> routes, BackendWriter backends, LeftOut leftOut)
    {
        RoutePolicy otherwise =
            (policy.Routing?.Default ?? new RoutePolicy(DefaultRoute) { Retry = policy.Retry }) with { Name = DefaultRoute };
        Protocol.HttpRoute[] written = [.. (routes.IsEmpty ? [otherwise] : routes).Select(route => Http(route, backends, leftOut))];
        Protocol.FailureAccrual? accrual = FailureAccrualWriter.Write(policy.FailureAccrual);
        return new Protocol.ProxyProtocol
        {
            Detect = new()
            {
                Timeout = Duration.FromTimeSpan(DetectTimeout),
                Http1 = new() { Routes = { written }, FailureAccrual = accrual },
                Http2 = new() { Routes = { written.Select(route => route.Clone()) }, FailureAccrual = accrual?.Clone() },
                Opaque = new()
                {
                    Routes =
                    {
                        new Protocol.OpaqueRoute
                        {
                            Metadata = new Metadata { Default = "opaque" },
                            Rules = { new Protocol.OpaqueRoute.Types.Rule { Backends = backends.Opaque() } },
                        },
                    },
                },
            },
        };
    }

    private static Protocol.HttpRoute Http(RoutePolicy route, BackendWriter backends, LeftOut leftOut)
    {
        Check(route, leftOut);
        var wire = new Protocol.HttpRoute { Metadata = new Metadata { Default = route.Name } };
        wire.Hosts.Add(route.Hosts.Select(RouteMatchWriter.Write));
        foreach (RoutePolicy rule in RouteRuleSplit.Of(route, isGrpc: false))
        {
            wire.Rules.Add(new Protocol.HttpRoute.Types.Rule
            {
                Matches = { rule.Matches.Select(RouteMatchWriter.Http) },
                Filters = { RouteFilterWriter.Http(rule.Filters, leftOut) },
                Backends = backends.Http(rule),
                Timeouts = Timeouts(rule.Timeouts),
                Retry = RouteRetryWriter.Http(rule.Retry, leftOut),
                AllowL5DRequestHeaders = rule.AllowRequestHeaders,
            });
        }

        return wire;
    }

    private static Protocol.GrpcRoute Grpc(RoutePolicy route, BackendWriter backends, LeftOut leftOut)
    {
        Check(route, leftOut);
        var wire = new Protocol.GrpcRoute { Metadata = new Metadata { Default = route.Name } };
        wire.Hosts.Add(route.Hosts.Select(RouteMatchWriter.Write));
        wire.Rules.Add(new Protocol.GrpcRoute.Types.Rule
        {
            Matches = { route.Matches.Select(RouteMatchWriter.Grpc) },
            Filters = { RouteFilterWriter.Grpc(route.Filters, leftOut) },
            Backends = backends.Grpc(route),
            Timeouts = Timeouts(route.Timeouts),
            Retry = RouteRetryWriter.Grpc(route.Retry, leftOut),
            AllowL5DRequestHeaders = route.AllowRequestHeaders,
        });
        return wire;
    }

    private static void Check(RoutePolicy route, LeftOut leftOut)
    {
        leftOut.Add("Hedging", route.Hedging is not null);
        leftOut.Add("Timeouts:ResponseHead", route.Timeouts.ResponseHead is not null);
        leftOut.Add("Timeouts:Header", route.Timeouts.Header is not null);
    }

    private static Protocol.HttpRoutes.Timeouts? Timeouts(TimeoutPolicy timeouts) =>
        (timeouts.Request ?? timeouts.Response ?? timeouts.Idle) is null ? null : new()
        {
            Request = WireDurations.Write(timeouts.Request),
            Response = WireDurations.Write(timeouts.Response),
            Idle = WireDurations.Write(timeouts.Idle),
        };
}
