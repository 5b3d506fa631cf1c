using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads what this process serves; null where it is no mesh server.</summary>
internal sealed class InboundStatusReader(IServiceProvider services)
{
    private readonly MeshServerOptions? _options =
        services.GetService<PeerAuthorizer>() is null ? null : services.GetRequiredService<IOptions<MeshServerOptions>>().Value;

    public InboundStatus? Read() => _options is null ? null : new InboundStatus(_options.Service, _options.Instance, null, 0, []);
}
