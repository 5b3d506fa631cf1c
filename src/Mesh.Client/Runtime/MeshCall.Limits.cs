using Mesh.Client.Model;
using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>A call of a service that limits its calls.</summary>
internal sealed partial class MeshCall
{
    /// <summary>Counts the call among those that were let in, until it ends: from here on its state is the one that let it in.</summary>
    public void Enter(ServiceLimits limits)
    {
        _history ??= new CallHistory();
        _history.Limits = limits;
        _history.Own ??= _snapshot;
    }

    /// <summary>Whether an endpoint could not take the attempt for having all the connections that it may have.</summary>
    public bool MetConnectionLimit => _history?.Unreached?.Crowded is not null;

    /// <summary>The attempt's endpoint may have no more connections: nothing was sent, and it goes to another or nowhere.</summary>
    public void Crowd(int limit) =>
        (Unreached.Crowded ??= new CrowdedEndpoints()).Add(_current.Endpoint, Backend.Name.Authority, limit);

    /// <summary>Counts the call as refused for that.</summary>
    /// <returns>What to throw.</returns>
    public Exception RefuseForConnections()
    {
        CrowdedEndpoints crowded = _history!.Unreached!.Crowded!;
        CountShed(crowded.Backend, LimitKind.MaxConnectionsPerEndpoint);
        return CallErrors.ConnectionsFull(this, crowded.Backend, crowded.Limit);
    }

    /// <summary>
    /// Counts the call as refused by a limit of a backend; one of several for a request only once that has come to nothing else.
    /// </summary>
    public void CountShed(string backend, LimitKind limit)
    {
        if (_history?.IsPart == true)
        {
            _history.Shed = (backend, limit);
        }
        else
        {
            service.Metrics.Shed(backend, limit);
        }
    }

    /// <summary>Counts what was kept for then.</summary>
    public void CountKeptShed()
    {
        if (_history?.Shed is var (backend, limit))
        {
            service.Metrics.Shed(backend, limit);
        }
    }

    /// <summary>Whether any backend that an attempt could go to limits what its endpoints are asked at once.</summary>
    public bool MayMeetFullEndpoints => !AllBackends(static backend => backend.Snapshot.MaxRequestsPerEndpoint == int.MaxValue);

    /// <summary>
    /// A backend with an endpoint that is left out only for having all the attempts that it may have; null: none. An endpoint that could
    /// be picked by now is none.
    /// </summary>
    public ServiceRuntime? FindFullBackend()
    {
        if (Route is not { } route)
        {
            return IsHeldByFullEndpoints(service) ? service : null;
        }

        foreach (PlannedBackend backend in route.Backends)
        {
            if (backend.Policy.Weight > 0 && IsHeldByFullEndpoints(backend.Service))
            {
                return backend.Service;
            }
        }

        return null;
    }

    private bool IsHeldByFullEndpoints(ServiceRuntime backend)
    {
        bool ignoresEjections = backend.Health.InPanic;
        ServiceSnapshot snapshot = backend.Snapshot;
        foreach (EndpointRuntime endpoint in snapshot.Endpoints)
        {
            if (endpoint.IsFull(snapshot.MaxRequestsPerEndpoint)
                && endpoint.IsAvailable(ignoresEjections)
                && (!_asksForTls || endpoint.IsSecured)
                && _history?.IsRefused(endpoint) != true)
            {
                return true;
            }
        }

        return false;
    }
}
