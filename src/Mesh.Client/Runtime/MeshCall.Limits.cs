using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>A call of a service that limits its calls.</summary>
internal sealed partial class MeshCall
{
    /// <summary>Counts the call among those that were let in, until it ends.</summary>
    public void Enter(ServiceLimits limits) => (_history ??= new CallHistory()).Limits = limits;

    /// <summary>
    /// Whether an endpoint is left out only for having all the attempts that it may have. One that could be picked by now is none.
    /// </summary>
    public bool IsHeldByFullEndpoints()
    {
        Look();
        foreach (EndpointRuntime endpoint in _snapshot.Endpoints)
        {
            if (endpoint.IsFull && endpoint.IsAvailable(_ignoresEjections) && (!_asksForTls || endpoint.IsSecured)
                && _history?.IsRefused(endpoint) != true)
            {
                return true;
            }
        }

        return false;
    }
}
