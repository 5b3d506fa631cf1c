using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>What the embedded control plane serves. Its presence says that the services are registered.</summary>
internal sealed class ControlPlaneSources(IEnumerable<IEndpointSource> sources, TimeProvider timeProvider)
{
    /// <summary>
    /// Every source, in order of registration, but for other control planes: this process may be a client of itself.
    /// </summary>
    public SourceChain All { get; } = new SourceChain(sources.Where(source => source is not DestinationSource));

    public TimeProvider TimeProvider { get; } = timeProvider;
}
