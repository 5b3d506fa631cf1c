using System.Collections.Immutable;
using Mesh.Client.Model.Routes;
using GrpcTypes = Mesh.Client.Discovery.Linkerd.Protocol.GrpcRoute.Types;
using HttpTypes = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoute.Types;
using OpaqueTypes = Mesh.Client.Discovery.Linkerd.Protocol.OpaqueRoute.Types;
using TlsTypes = Mesh.Client.Discovery.Linkerd.Protocol.TlsRoute.Types;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>A distribution of any kind of route: the wire has four messages that say the same.</summary>
internal readonly record struct WireDistribution(BackendChoice Choice, ImmutableArray<WireBackend> Backends)
{
    private static readonly WireDistribution Nowhere = new(BackendChoice.Nowhere, []);

    public static WireDistribution Of(HttpTypes.Distribution? wire, string place, PolicyScope scope) => (int)(wire?.KindCase ?? 0) switch
    {
        1 => Nowhere,
        2 => Ordered(wire!.FirstAvailable.Backends, $"{place}.first_available", (b, at) => Of(b, 1, at, scope)),
        3 => Weighted(wire!.RandomAvailable.Backends, $"{place}.random_available", (b, at) => Of(b.Backend, b.Weight, at, scope)),
        _ => throw Unknown(place),
    };

    public static WireDistribution Of(GrpcTypes.Distribution? wire, string place, PolicyScope scope) => (int)(wire?.KindCase ?? 0) switch
    {
        1 => Nowhere,
        2 => Ordered(wire!.FirstAvailable.Backends, $"{place}.first_available", (b, at) => Of(b, 1, at, scope)),
        3 => Weighted(wire!.RandomAvailable.Backends, $"{place}.random_available", (b, at) => Of(b.Backend, b.Weight, at, scope)),
        _ => throw Unknown(place),
    };

    public static WireDistribution Of(OpaqueTypes.Distribution? wire, string place) => (int)(wire?.KindCase ?? 0) switch
    {
        1 => Nowhere,
        2 => Ordered(wire!.FirstAvailable.Backends, $"{place}.first_available", (b, at) => new(b.Backend, 1, [], null, at)),
        3 => Weighted(
            wire!.RandomAvailable.Backends, $"{place}.random_available", (b, at) => new(b.Backend?.Backend, b.Weight, [], null, at)),
        _ => throw Unknown(place),
    };

    public static WireDistribution Of(TlsTypes.Distribution? wire, string place) => (int)(wire?.KindCase ?? 0) switch
    {
        1 => Nowhere,
        2 => Ordered(wire!.FirstAvailable.Backends, $"{place}.first_available", (b, at) => new(b.Backend, 1, [], null, at)),
        3 => Weighted(
            wire!.RandomAvailable.Backends, $"{place}.random_available", (b, at) => new(b.Backend?.Backend, b.Weight, [], null, at)),
        _ => throw Unknown(place),
    };

    private static WireBackend Of(HttpTypes.RouteBackend? wire, uint weight, string place, PolicyScope scope) =>
        new(wire?.Backend, weight, RouteFilterReader.Read(wire?.Filters ?? [], place, scope), Timeout(wire), place);

    private static WireBackend Of(GrpcTypes.RouteBackend? wire, uint weight, string place, PolicyScope scope) =>
        new(wire?.Backend, weight, RouteFilterReader.Read(wire?.Filters ?? [], place, scope), Timeout(wire), place);

#pragma warning disable CS0612 // Old controllers say it there and nowhere else.
    private static Google.Protobuf.WellKnownTypes.Duration? Timeout(HttpTypes.RouteBackend? wire) => wire?.RequestTimeout;

    private static Google.Protobuf.WellKnownTypes.Duration? Timeout(GrpcTypes.RouteBackend? wire) => wire?.RequestTimeout;
#pragma warning restore CS0612

    private static WireDistribution Ordered<T>(IReadOnlyList<T> backends, string place, Func<T, string, WireBackend> read) =>
        new(BackendChoice.FirstAvailable, [.. backends.Select((backend, i) => read(backend, $"{place}.backends[{i}]"))]);

    private static WireDistribution Weighted<T>(IReadOnlyList<T> backends, string place, Func<T, string, WireBackend> read) =>
        new(BackendChoice.Weighted, [.. backends.Select((backend, i) => read(backend, $"{place}.backends[{i}]"))]);

    private static UnreadablePartException Unknown(string place) => new(place, "it is missing, or of a kind that is not known");
}
