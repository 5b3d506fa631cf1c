using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;
using Mesh.Client.Routing;

namespace Mesh.Client.Runtime;

/// <summary>A call that takes a route: each attempt goes to one of its backends.</summary>
internal sealed partial class MeshCall
{
    private const int PartsForBackend = 4;

    /// <summary>The route that the call takes; null where its service has none.</summary>
    public RoutePlan? Route => _history?.Route;

    /// <summary>The name of its route.</summary>
    public string RouteName => _history?.Route?.Policy.Name ?? RoutingPolicy.DefaultName;

    /// <summary>Whose endpoints the latest attempt picked from, or waits for.</summary>
    public ServiceRuntime Backend => _history?.Backend?.Service ?? service;

    /// <summary>When and how what failed is tried again.</summary>
    public RetryPipeline Retry => _history?.Demands?.Retry ?? _history?.Route?.Retry ?? Own.Retry;

    private RetryBudget Budget => _history?.Route?.Budget ?? Own.Budget.Value;

    /// <summary>Before the first attempt, and for good: a reload is for the calls that come after it.</summary>
    public void Take(RoutePlan route)
    {
        _history ??= new CallHistory();
        _history.Own = _snapshot;
        _history.Route = route;
        _history.Backend = route.Backends[0];
    }

    // For each attempt anew: what was available may not be, and calls without a key spread their retries as all others. A backend whose
    // filters answer every call is for first attempts only: later ones would get past them.
    private void ChooseBackend(RoutePlan route, bool mayAnswer = false)
    {
        CallHistory history = _history!;
        bool waits = MayAwaitBackend(route);
        if (history.Chosen is ChosenBackend.Held || (history.Chosen is ChosenBackend.Awaited && waits && IsStillChosen(route)))
        {
            history.Chosen = waits && Backend.IsUnheard ? ChosenBackend.Awaited : ChosenBackend.No;
        }
        else if (route.Backends.Length > 1)
        {
            ulong? hash = CurrentSplitHash();
            history.Backend = route.Choose(hash, mayAnswer, States(route, hash, waits)) ?? history.Backend;
            history.Chosen = waits && Backend.IsUnheard ? ChosenBackend.Awaited : ChosenBackend.No;
        }
    }

    /// <summary>How long the backend that is awaited may still keep the call; null where none is.</summary>
    public TimeSpan? LeftForBackend
    {
        get
        {
            if (_history is not { Chosen: ChosenBackend.Awaited, Clock: { Deadline.IsNone: false } clock } history)
            {
                return null;
            }

            // Rounded up: what waits counts milliseconds.
            TimeSpan left = (clock.Left - (history.Waited * (PartsForBackend - 1))) / PartsForBackend;
            return TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(left.TotalMilliseconds)));
        }
    }

    // A share is a backend's from the start, before its endpoints are known: a first attempt waits for them, as at a service without
    // routes, and where that takes too long the others have it.
    private bool MayAwaitBackend(RoutePlan route) =>
        route is { Policy.Choice: BackendChoice.Weighted, Backends.Length: > 1 }
        && _current.Pool is null
        && _history!.Tried is not { Count: > 0 }
        && _history.Waited < service.Wait.Timeout
        && (_history.Waited == TimeSpan.Zero || HasTimeForBackend(_history));

    // A part of what the call had when it began to wait: the rest is for the others.
    private static bool HasTimeForBackend(CallHistory history) =>
        history.Clock is not { Deadline.IsNone: false } clock || history.Waited * (PartsForBackend - 1) < clock.Left;

    // Nothing is heard of it yet, or what was awaited is here.
    private bool IsStillChosen(RoutePlan route) => States(route, hash: null, waits: true).IsAvailable(_history!.Backend!);

    /// <summary>Whether all the backends that an attempt could go to are so.</summary>
    public bool AllBackends(Predicate<ServiceRuntime> are) => Route is { } route
        ? Array.TrueForAll(
            route.Backends, backend => backend.Policy.Weight == 0 || backend.Filters.AlwaysAnswers || are(backend.Service))
        : are(service);

    // A call without a key may go to the other side, and does before it goes to the same endpoint again.
    private bool HasFreshBackend(RoutePlan route)
    {
        BackendStates states = States(route, hash: null, waits: false);
        for (int i = 0; i < route.Backends.Length; i++)
        {
            if (route.Backends[i] is { Policy.Weight: > 0, Filters.AlwaysAnswers: false } && states.IsAvailable(i))
            {
                return true;
            }
        }

        return false;
    }

    private ulong? CurrentSplitHash() => _history!.Edits is { } edits ? edits.SplitHash : SplitHash();

    private BackendStates States(RoutePlan route, ulong? hash, bool waits) =>
        new(route, _history!, hash is null && route.Policy.Choice is BackendChoice.Weighted, waits, _asksForTls);

    // The backends may balance in different ways. Which of them it is, the service decides that was called.
    private ulong? SplitHash()
    {
        if (_hasKey)
        {
            return _hash;
        }

        LoadBalancingPolicy policy = Own.Policy.LoadBalancing;
        return policy.Hashes && RequestHash.TryCompute(request, policy.HashOn, out ulong hash) ? hash : null;
    }

    /// <param name="minds">
    /// Whether what was tried counts as lost: not for a key, whose call stays on its side when it is retried, unless that is full.
    /// </param>
    /// <param name="waits">Whether one that nothing was heard of has its share.</param>
    private readonly struct BackendStates(RoutePlan route, CallHistory history, bool minds, bool waits, bool asksForTls) : IBackendStates
    {
        public bool IsAvailable(int index) => IsAvailable(route.Backends[index]);

        public bool IsAvailable(PlannedBackend planned)
        {
            if (planned.Filters.AlwaysAnswers)
            {
                return true;
            }

            ServiceRuntime backend = planned.Service;
            if (waits && backend.IsUnheard)
            {
                return true;
            }

            bool ignoresEjections = backend.Health.InPanic;
            ServiceSnapshot snapshot = backend.Snapshot;
            foreach (EndpointRuntime endpoint in snapshot.Endpoints)
            {
                if (endpoint.CanPick(snapshot.MaxRequestsPerEndpoint, ignoresEjections)
                    && (!asksForTls || endpoint.IsSecured)
                    && !(minds ? history.GoesAround(endpoint) : history.IsRefused(endpoint) || history.IsCrowded(endpoint)))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
