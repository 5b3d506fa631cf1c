using System.Collections.Immutable;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Where a route's calls go.</summary>
internal static class BackendReader
{
    private static readonly FaultFilter Fails = new(new FaultAbort(500, 13, "the backend does not exist", 1), Delay: null);

    /// <summary>Adds the backends to a route. None at all, or none with a weight, is nowhere.</summary>
    /// <exception cref="UnreadablePartException">One names no service.</exception>
    public static RoutePolicy AddTo(RoutePolicy route, WireDistribution wire, PolicyScope scope)
    {
        ImmutableArray<RouteBackend> backends = [.. wire.Backends.Select(backend => Read(backend, scope))];
        TimeSpan? attempt = wire.Backends.Min(backend => WireDurations.Read(backend.Timeout, $"{backend.Place}.requestTimeout"));
        route = attempt is null ? route : route with { Timeouts = route.Timeouts with { Attempt = attempt } };
        if (backends.All(backend => backend.Weight == 0))
        {
            return route with { Choice = BackendChoice.Nowhere };
        }

        bool isOwn = backends is [{ Filters.IsEmpty: true } only] && only.Service == scope.Service;
        return isOwn ? route : route with { Backends = backends, Choice = wire.Choice };
    }

    private static RouteBackend Read(WireBackend wire, PolicyScope scope)
    {
        _ = WireMetadata.Name(wire.Backend?.Metadata, $"{wire.Place}.backend.metadata");
        int weight = (int)Math.Min(wire.Weight, int.MaxValue);
        switch (wire.Backend?.KindCase)
        {
            case Protocol.Backend.KindOneofCase.Balancer:
                string path = wire.Backend.Balancer.Discovery?.Dst?.Path ?? "";
                ServiceName service = scope.Find(path)
                    ?? throw new UnreadablePartException(
                        $"{wire.Place}.backend.balancer.discovery.dst.path", $"'{path}' names no service");
                scope.Meet(wire.Backend, service);
                return new RouteBackend(service, weight) { Filters = wire.Filters };
            case Protocol.Backend.KindOneofCase.Forward:
                ServiceName address = DestinationAddresses.TryRead(wire.Backend.Forward.Addr, out EndpointAddress? at, out string? problem)
                    ? Name(at)
                    : throw new UnreadablePartException($"{wire.Place}.backend.forward.addr", problem);
                scope.Meet(wire.Backend, address);
                return new RouteBackend(address, weight) { Filters = wire.Filters };
            default:
                // There is no such backend: its share of the calls fails. The service stands in its place, and gets none of them.
                return new RouteBackend(scope.Service, weight)
                {
                    Filters = AnswersAll(wire.Filters) ? wire.Filters : [.. wire.Filters, Fails],
                };
        }
    }

    private static bool AnswersAll(ImmutableArray<RouteFilter> filters) =>
        filters.Any(filter => filter is RedirectFilter or FaultFilter { Abort.Ratio: >= 1 });

    private static ServiceName Name(EndpointAddress address) =>
        new(address.Text[..address.Text.LastIndexOf(':')], address.Port);
}
