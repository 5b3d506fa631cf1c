using Mesh.Client.Discovery;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>What the embedded control plane serves. Its presence says that the services are registered.</summary>
internal sealed class ControlPlaneSources(IEnumerable<IEndpointSource> sources, TimeProvider timeProvider)
{
    /// <summary>Every source, in order of registration.</summary>
    public IEndpointSource All { get; } = new SourceChain(sources);

    public TimeProvider TimeProvider { get; } = timeProvider;
}
