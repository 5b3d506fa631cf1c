using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>A service that a route of another leads to: it lives at least as long as a snapshot does.</summary>
internal sealed class LeasedService(ServiceName name)
{
    private ServiceRuntime? _service;

    /// <summary>Only after <see cref="Open"/>.</summary>
    public ServiceRuntime Service => Volatile.Read(ref _service)!;

    /// <summary>Finds the service, and keeps it.</summary>
    /// <param name="owner">The service whose route this is; it may lead to itself, and then keeps itself.</param>
    public void Open(ServiceRuntime owner)
    {
        if (name == owner.Name)
        {
            Volatile.Write(ref _service, owner);
            return;
        }

        ServiceRuntime service = owner.Backends.Lease(name);
        service.Join(owner);
        Volatile.Write(ref _service, service);
    }

    /// <summary>Lets go of it. Calls under way may use it still.</summary>
    public void Close(ServiceRuntime owner)
    {
        if (name != owner.Name)
        {
            Service.Part(owner);
            owner.Backends.Return(name);
        }
    }
}
