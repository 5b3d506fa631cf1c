using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>
/// Ports that a service has not. Its ports are known where <c>Services:&lt;name&gt;:Port</c> is set: that one, and those of <c>Ports</c>.
/// </summary>
internal static class UndefinedPorts
{
    public static bool Has(ServiceNames names, ServiceName service) =>
        names.TryResolve(service.Host, service.Port, out ServiceName? known) && known.Port != service.Port;

    /// <summary>What Linkerd says of such a port: nobody may call it.</summary>
    public static OutboundPolicy Policy(ServiceName service) => new()
    {
        Metadata = WireMetadata.Of(service),
        Protocol = new ProxyProtocol
        {
            Opaque = new()
            {
                Routes =
                {
                    new OpaqueRoute
                    {
                        Metadata = new Metadata { Default = "undefined-port" },
                        Rules =
                        {
                            new OpaqueRoute.Types.Rule
                            {
                                Backends = new OpaqueRoute.Types.Distribution { Empty = new() },
                                Filters = { new OpaqueRoute.Types.Filter { Forbidden = new() } },
                            },
                        },
                    },
                },
            },
        },
    };
}
