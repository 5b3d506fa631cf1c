using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.AspNetCore.SelfRegistration;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads what this process serves; null where it is no mesh server.</summary>
internal sealed class InboundStatusReader(IServiceProvider services)
{
    private readonly InboundPeers? _peers = services.GetService<InboundPeers>();
    private readonly MeshServerOptions _options = services.GetRequiredService<IOptions<MeshServerOptions>>().Value;
    private readonly ServerRegistration? _registration =
        services.GetServices<IHostedService>().OfType<ServerRegistration>().FirstOrDefault();

    public InboundStatus? Read()
    {
        if (_peers is null)
        {
            return null;
        }

        ReplicaRegistrations? own = _registration?.Registrations;
        return new InboundStatus(_options.Service, own?.Instance ?? _options.Instance, own?.State, _peers.Requests, _peers.Read())
        {
            Replicas = own is { Replicas: > 1 } ? own.Replicas : null,
            RegisteredReplicas = own is { Replicas: > 1 } ? own.Registered : null,
            OtherPeers = _peers.ReadOthers(),
        };
    }
}
