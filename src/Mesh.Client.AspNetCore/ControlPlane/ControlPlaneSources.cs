using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>What the embedded control plane serves. Its presence says that the services are registered.</summary>
internal sealed class ControlPlaneSources(IEnumerable<IEndpointSource> sources, TimeProvider timeProvider)
{
    /// <summary>
    /// Every source, in order of registration, but for other control planes: this process may be a client of itself.
    /// </summary>
    public SourceChain All { get; } = new SourceChain(sources.Where(source => source is not (DestinationSource or LinkerdSource)));

    /// <summary>By whom it is said that calls wait: one for all streams, so that sources share what they watch for them.</summary>
    public Pulse Demand { get; } = new();

    public TimeProvider TimeProvider { get; } = timeProvider;
}
