using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Stub: l1's stands over it.</summary>
internal static class ProfileReader
{
    public static LinkerdProfile Read(DestinationProfile wire, ServiceName service) => new(
        wire.Routes.Count + wire.DstOverrides.Count == 0 ? null : new TrafficPolicy
        {
            Routing = new RoutingPolicy(
                [.. wire.Routes.Select((_, i) => new RoutePolicy($"profile-{i}"))], new RoutePolicy(RoutingPolicy.DefaultName))
            {
                FirstMatch = true,
            },
        },
        wire.Endpoint,
        wire.OpaqueProtocol,
        wire.FullyQualifiedName is { Length: > 0 } name ? name : null);
}
