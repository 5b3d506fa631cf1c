using System.Collections.Immutable;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model.Routes;
using OpaqueTypes = Mesh.Client.Discovery.Linkerd.Protocol.OpaqueRoute.Types;
using TlsTypes = Mesh.Client.Discovery.Linkerd.Protocol.TlsRoute.Types;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// Routes of bytes that nobody looks into: they say where calls go, or that they go nowhere. Calls are ours, so they are balanced all the
/// same, but neither retried nor matched.
/// </summary>
internal static class OpaqueRouteReader
{
    /// <param name="parent">Of the policy: what a refused caller is told.</param>
    /// <exception cref="UnreadablePartException">One of its parts makes no sense.</exception>
    public static ImmutableArray<RoutePolicy> Read(Protocol.OpaqueRoute wire, Metadata? parent, string place, PolicyScope scope)
    {
        string name = WireMetadata.Name(wire.Metadata, $"{place}.metadata") ?? "route";
        return
        [
            .. wire.Rules.Select((rule, i) =>
            {
                var route = new RoutePolicy(WireMetadata.RuleName(name, i)) { Retry = RouteRetryReader.None };
                return Refused(rule.Filters, parent) is { } why
                    ? route with { Forbidden = why }
                    : BackendReader.AddTo(route, WireDistribution.Of(rule.Backends, $"{place}.rules[{i}].backends"), scope);
            }),
        ];
    }

    /// <inheritdoc cref="Read(Protocol.OpaqueRoute, Metadata?, string, PolicyScope)"/>
    public static ImmutableArray<RoutePolicy> Read(Protocol.TlsRoute wire, Metadata? parent, string place, PolicyScope scope)
    {
        string name = WireMetadata.Name(wire.Metadata, $"{place}.metadata") ?? "route";
        return
        [
            .. wire.Rules.Select((rule, i) =>
            {
                var route = new RoutePolicy(WireMetadata.RuleName(name, i)) { Retry = RouteRetryReader.None };
                return Refused(rule.Filters, parent) is { } why
                    ? route with { Forbidden = why }
                    : BackendReader.AddTo(route, WireDistribution.Of(rule.Backends, $"{place}.rules[{i}].backends"), scope);
            }),
        ];
    }

    private static string? Refused(IEnumerable<OpaqueTypes.Filter> filters, Metadata? parent) => filters
        .Select(filter => filter.KindCase switch
        {
            OpaqueTypes.Filter.KindOneofCase.Forbidden => Forbidden(parent),
            OpaqueTypes.Filter.KindOneofCase.Invalid => Invalid(filter.Invalid, parent),
            _ => null,
        })
        .FirstOrDefault(why => why is not null);

    private static string? Refused(IEnumerable<TlsTypes.Filter> filters, Metadata? parent) => filters
        .Select(filter => filter.KindCase switch
        {
            TlsTypes.Filter.KindOneofCase.Forbidden => Forbidden(parent),
            TlsTypes.Filter.KindOneofCase.Invalid => Invalid(filter.Invalid, parent),
            _ => null,
        })
        .FirstOrDefault(why => why is not null);

    private static string Forbidden(Metadata? parent) => $"{WireMetadata.Described(parent)} forbids it";

    private static string Invalid(Protocol.OpaqueRoutes.Invalid wire, Metadata? parent) => wire.Message.Length == 0
        ? $"{WireMetadata.Described(parent)} is invalid"
        : $"{WireMetadata.Described(parent)} is invalid: {Destination.RpcReason.Clean(wire.Message)}";
}
