using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Kind = Mesh.Client.Discovery.Linkerd.Protocol.ProxyProtocol.KindOneofCase;
using WireMetadataKind = Mesh.Client.Discovery.Destination.Protocol.Metadata.KindOneofCase;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// Turns a policy of Linkerd's policy controller into ours. What it leaves out is known to be none. Never throws: what makes no sense is
/// left out with its reason, and a policy none of whose routes can be read refuses calls, as Linkerd's proxy does.
/// </summary>
internal static class OutboundPolicyReader
{
    private static readonly RouteMatch Everything = new() { Path = new PathMatch(PathMatchKind.Prefix, "/") };

    private static readonly RouteMatch Nothing = new();

    /// <param name="wire">As it came.</param>
    /// <param name="service">Whose policy it is.</param>
    /// <param name="backend">The service behind a destination path; null for a path that names none.</param>
    public static TrafficPolicy Read(Protocol.OutboundPolicy wire, ServiceName service, Func<string, ServiceName?> backend)
    {
        var scope = new PolicyScope(service, backend);
        (int count, ImmutableArray<RoutePolicy> routes, FailureAccrualPolicy accrual) = ReadProtocol(wire, scope);
        RoutePolicy otherwise = Otherwise(count, routes, IsDefault(wire.Protocol), scope);
        RoutingPolicy? routing = Routing(count, routes, otherwise, IsDefault(wire.Protocol));
        (RoutingPolicy? bytes, IEnumerable<string> problems) = Bytes(wire, routing, otherwise, scope);
        return new TrafficPolicy
        {
            Ewma = LoadReader.Ewma(scope.Main?.Balancer),
            Wait = LoadReader.Wait(scope.Main?.Queue),
            FailureAccrual = accrual,
            Retry = otherwise.Retry,
            Routing = routing,
            BytesRouting = bytes,
            Problems = [.. scope.Problems.Concat(problems).Distinct(StringComparer.Ordinal)],
        };
    }

    // Where nobody looks into the bytes, only what is said of bytes holds; a policy without any of that still refuses what it refuses.
    private static (RoutingPolicy? Routing, IEnumerable<string> Problems) Bytes(
        Protocol.OutboundPolicy wire, RoutingPolicy? routing, RoutePolicy otherwise, PolicyScope scope)
    {
        switch (wire.Protocol?.KindCase)
        {
            case Kind.Opaque or Kind.Tls:
                return (routing, []);
            case Kind.Detect when wire.Protocol.Detect.Opaque is { } opaque:
                PolicyScope own = scope.Beside();
                (int count, ImmutableArray<RoutePolicy> routes, _) = Opaque(wire, opaque, own);
                return (Routing(count, routes, Otherwise(count, routes, isDefault: true, own), isDefault: true), own.Problems);
            default:
                return (otherwise.Forbidden is null ? null : routing, []);
        }
    }

    private static RoutingPolicy? Routing(int count, ImmutableArray<RoutePolicy> routes, RoutePolicy otherwise, bool isDefault) =>
        count > 0 && otherwise.Forbidden is null && !IsPlain(routes, isDefault) ? new RoutingPolicy(routes, otherwise)
        : otherwise.Forbidden is null && otherwise.Timeouts == TimeoutPolicy.None && !otherwise.AllowRequestHeaders ? null
        : new RoutingPolicy([], otherwise);

    private static (int Count, ImmutableArray<RoutePolicy> Routes, FailureAccrualPolicy Accrual) ReadProtocol(
        Protocol.OutboundPolicy wire, PolicyScope scope)
    {
        switch (wire.Protocol?.KindCase)
        {
            // Which of the two a call speaks is the transport's matter: they say the same.
            case Kind.Detect when wire.Protocol.Detect is { Http1.Routes.Count: > 0 } detect:
                return Http(detect.Http1.Routes, detect.Http1.FailureAccrual, "http1", scope);
            case Kind.Detect when wire.Protocol.Detect is { Http2: { } http }:
                return Http(http.Routes, http.FailureAccrual, "http2", scope);
            case Kind.Detect when wire.Protocol.Detect is { Http1: { } http }:
                return Http(http.Routes, http.FailureAccrual, "http1", scope);
            case Kind.Detect when wire.Protocol.Detect is { Opaque: { } opaque }:
                return Opaque(wire, opaque, scope);
            case Kind.Detect:
                return (0, [], FailureAccrualPolicy.Off);
            case Kind.Http1:
                return Http(wire.Protocol.Http1.Routes, wire.Protocol.Http1.FailureAccrual, "http1", scope);
            case Kind.Http2:
                return Http(wire.Protocol.Http2.Routes, wire.Protocol.Http2.FailureAccrual, "http2", scope);
            case Kind.Grpc:
                Protocol.ProxyProtocol.Types.Grpc grpc = wire.Protocol.Grpc;
                ImmutableArray<RoutePolicy> routes = scope.ReadEach(grpc.Routes, "grpc", GrpcRouteReader.Read);
                return (grpc.Routes.Count, routes, FailureAccrualReader.Read(grpc.FailureAccrual, "grpc.failure_accrual", scope));
            case Kind.Opaque:
                return Opaque(wire, wire.Protocol.Opaque, scope);
            case Kind.Tls:
                return (wire.Protocol.Tls.Routes.Count, Only(scope.ReadEach(
                    wire.Protocol.Tls.Routes, "tls", (route, place, s) => OpaqueRouteReader.Read(route, wire.Metadata, place, s))),
                    FailureAccrualPolicy.Off);
            default:
                scope.Report("protocol: it is missing, or of a kind that is not known");
                return (0, [], FailureAccrualPolicy.Off);
        }
    }

    private static (int Count, ImmutableArray<RoutePolicy> Routes, FailureAccrualPolicy Accrual) Http(
        RepeatedField<Protocol.HttpRoute> routes, Protocol.FailureAccrual? accrual, string place, PolicyScope scope) =>
        (routes.Count,
            scope.ReadEach(routes, place, HttpRouteReader.Read),
            FailureAccrualReader.Read(accrual, $"{place}.failure_accrual", scope));

    private static (int Count, ImmutableArray<RoutePolicy> Routes, FailureAccrualPolicy Accrual) Opaque(
        Protocol.OutboundPolicy policy, Protocol.ProxyProtocol.Types.Opaque wire, PolicyScope scope) =>
        (wire.Routes.Count,
            Only(scope.ReadEach(wire.Routes, "opaque", (route, place, s) => OpaqueRouteReader.Read(route, policy.Metadata, place, s))),
            FailureAccrualPolicy.Off);

    // Nothing tells connections apart: the first takes them all.
    private static ImmutableArray<RoutePolicy> Only(ImmutableArray<RoutePolicy> routes) => routes.Length > 1 ? [routes[0]] : routes;

    // What holds where no route is asked.
    private static RoutePolicy Otherwise(int count, ImmutableArray<RoutePolicy> routes, bool isDefault, PolicyScope scope)
    {
        var none = new RoutePolicy(RoutingPolicy.DefaultName) { Retry = RouteRetryReader.None };
        return count > 0 && routes.IsEmpty
                ? none with { Forbidden = $"none of its routes can be read: {scope.Problems.FirstOrDefault() ?? "they have no rules"}" }
            : IsPlain(routes, isDefault)
                ? routes[0] with { Name = RoutingPolicy.DefaultName, Matches = [] }
            : none;
    }

    // The route that a service has without any: its retries and timeouts are the service's.
    private static bool IsPlain(ImmutableArray<RoutePolicy> routes, bool isDefault) =>
        routes is [{ Hosts.IsEmpty: true, Backends.IsEmpty: true, Filters.IsEmpty: true, Forbidden: null } route]
        && route.Choice is BackendChoice.Weighted
        && route.Matches.All(match => match == Everything || match == Nothing)
        && isDefault;

    private static bool IsDefault(Protocol.ProxyProtocol? wire) => wire?.KindCase switch
    {
        Kind.Detect => (wire.Detect.Http1 is { Routes.Count: > 0 } http ? http.Routes : wire.Detect.Http2?.Routes ?? [])
            .All(route => route.Metadata?.KindCase is WireMetadataKind.Default),
        Kind.Http1 => wire.Http1.Routes.All(route => route.Metadata?.KindCase is WireMetadataKind.Default),
        Kind.Http2 => wire.Http2.Routes.All(route => route.Metadata?.KindCase is WireMetadataKind.Default),
        Kind.Grpc => wire.Grpc.Routes.All(route => route.Metadata?.KindCase is WireMetadataKind.Default),
        _ => true,
    };
}
