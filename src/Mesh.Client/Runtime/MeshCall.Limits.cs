using Mesh.Client.Model;
using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>A call of a service that limits its calls.</summary>
internal sealed partial class MeshCall
{
    /// <summary>Counts the call among those that were let in, until it ends.</summary>
    public void Enter(ServiceLimits limits) => (_history ??= new CallHistory()).Limits = limits;

    /// <summary>Whether an endpoint could not take the attempt for having all the connections that it may have.</summary>
    public bool MetConnectionLimit => _history?.Unreached?.Crowded is not null;

    /// <summary>The attempt's endpoint may have no more connections: nothing was sent, and the attempt goes to another or nowhere.</summary>
    public void Crowd(int limit) =>
        (Unreached.Crowded ??= new CrowdedEndpoints()).Add(_current.Endpoint, Backend.Name.Authority, limit);

    /// <summary>Counts the call as refused for that.</summary>
    /// <returns>What to throw.</returns>
    public Exception RefuseForConnections()
    {
        CrowdedEndpoints crowded = _history!.Unreached!.Crowded!;
        service.Metrics.Shed(crowded.Backend, LimitKind.MaxConnectionsPerEndpoint);
        return CallErrors.ConnectionsFull(this, crowded.Backend, crowded.Limit);
    }

    /// <summary>
    /// Whether an endpoint is left out only for having all the attempts that it may have. One that could be picked by now is none.
    /// </summary>
    public bool IsHeldByFullEndpoints()
    {
        Look();
        foreach (EndpointRuntime endpoint in _snapshot.Endpoints)
        {
            if (endpoint.IsFull(_snapshot.MaxRequestsPerEndpoint)
                && endpoint.IsAvailable(_ignoresEjections)
                && (!_asksForTls || endpoint.IsSecured)
                && _history?.IsRefused(endpoint) != true)
            {
                return true;
            }
        }

        return false;
    }
}
