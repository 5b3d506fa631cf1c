using Mesh.Client.Model.Routes;

namespace Mesh.Client.Runtime;

/// <summary>A backend of a route: a service of this process, which lives at least as long as a snapshot leads to it.</summary>
/// <param name="policy">What the route says of it.</param>
internal sealed class PlannedBackend(RouteBackend policy)
{
    private ServiceRuntime? _service;

    public RouteBackend Policy { get; } = policy;

    /// <summary>Only after <see cref="Open"/>.</summary>
    public ServiceRuntime Service => Volatile.Read(ref _service)!;

    /// <summary>Finds the service, and keeps it.</summary>
    /// <param name="owner">The service whose route this is; it may be its own backend, and then keeps itself.</param>
    public void Open(ServiceRuntime owner) => Volatile.Write(ref _service, IsOf(owner) ? owner : owner.Backends.Lease(Policy.Service));

    /// <summary>Lets go of it. Calls under way may use it still.</summary>
    public void Close(ServiceRuntime owner)
    {
        if (!IsOf(owner))
        {
            owner.Backends.Return(Policy.Service);
        }
    }

    private bool IsOf(ServiceRuntime owner) => Policy.Service == owner.Name;
}
