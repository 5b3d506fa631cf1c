using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Mesh.Client.Routing;

namespace Mesh.Client.Runtime;

/// <summary>A call that takes a route: each attempt goes to one of its backends.</summary>
internal sealed partial class MeshCall
{
    /// <summary>The route that the call takes; null where its service has none.</summary>
    public RoutePlan? Route => _history?.Route;

    /// <summary>Whose endpoints the latest attempt picked from, or waits for.</summary>
    public ServiceRuntime Backend => _history?.Backend?.Service ?? service;

    /// <summary>When and how what failed is tried again.</summary>
    public RetryPipeline Retry => _history?.Route?.Retry ?? _snapshot.Retry;

    private RetryBudget Budget => _history?.Route?.Budget ?? service.Budget;

    /// <summary>Before the first attempt, and for good: a reload is for the calls that come after it.</summary>
    public void Take(RoutePlan route)
    {
        _history ??= new CallHistory();
        _history.Route = route;
        _history.Backend = route.Backends[0];
    }

    // For each attempt anew: what was available may not be, and calls without a key spread their retries as all others.
    private void ChooseBackend(RoutePlan route)
    {
        if (_history!.HasBackend)
        {
            _history.HasBackend = false;
        }
        else if (route.Backends.Length > 1)
        {
            ulong? hash = _history.Edits is { } edits ? edits.SplitHash : SplitHash();
            _history.Backend = route.Choose(hash, new BackendStates(route, _asksForTls)) ?? _history.Backend;
        }
    }

    // The backends may balance in different ways. Which of them it is, the service decides that was called.
    private ulong? SplitHash()
    {
        if (_hasKey)
        {
            return _hash;
        }

        LoadBalancingPolicy policy = service.Snapshot.Policy.LoadBalancing;
        return policy.Hashes && RequestHash.TryCompute(request, policy.HashOn, out ulong hash) ? hash : null;
    }

    private readonly struct BackendStates(RoutePlan route, bool asksForTls) : IBackendStates
    {
        // Whether the call has tried them is no matter: a key whose call is retried stays on its side.
        public bool IsAvailable(int index)
        {
            ServiceRuntime backend = route.Backends[index].Service;
            bool ignoresEjections = backend.Health.InPanic;
            foreach (EndpointRuntime endpoint in backend.Snapshot.Endpoints)
            {
                if (endpoint.CanPick(ignoresEjections) && (!asksForTls || endpoint.IsSecured))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
