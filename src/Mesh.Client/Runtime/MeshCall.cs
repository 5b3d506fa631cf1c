using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>
/// One logical call: which endpoints it tried, what each said, and what is still under way. Made for every request, so it holds the
/// attempt under way in itself and allocates for more only when there are more.
/// </summary>
internal sealed partial class MeshCall(
    ServiceRuntime service, ServiceSnapshot snapshot, HttpRequestMessage request, bool isGrpc, long waitingSince) : ICandidates
{
    private const int UnreachedAnyway = 16;

    // What is under way: an attempt, nothing, and nothing for good.
    private const byte Attempting = 0;
    private const byte Settled = 1;
    private const byte Over = 2;

    private readonly long _started = waitingSince == 0 ? service.Now : waitingSince;
    private ServiceSnapshot _snapshot = snapshot;
    private AttemptTrace _current;
    private CallHistory? _history = waitingSince == 0 ? null : new CallHistory { Waited = service.Time.GetElapsedTime(waitingSince) };
    private HttpResponseMessage? _response;
    private ulong _hash;
    private byte _state = Settled;
    private bool _hasKey;
    private bool _hashed;
    private bool _hasHash;
    private bool _ignoresEjections;
    private bool _asksForTls;

    public HttpRequestMessage Request => request;

    public bool IsGrpc => isGrpc;

    public ServiceRuntime Service => service;

    /// <summary>The state that the call is decided by: how it is routed, limited, timed, retried, and split over backends.</summary>
    public ServiceSnapshot Own => _history?.Own ?? _snapshot;

    /// <summary>The state that the latest attempt is picked by: of the backend, and for a later attempt the latest.</summary>
    public ServiceSnapshot Snapshot => _snapshot;

    /// <summary>Whether an attempt has begun and not ended.</summary>
    public bool IsUnderWay => Volatile.Read(ref _state) == Attempting;

    /// <summary>The endpoint of the latest attempt.</summary>
    public EndpointRuntime Endpoint => _current.Endpoint;

    /// <summary>Whether the caller wrote https://: no endpoint without TLS will do.</summary>
    public bool AsksForTls => _asksForTls;

    /// <summary>How the last attempt ended.</summary>
    public AttemptOutcome Outcome => _current.Outcome;

    int ICandidates.Count => _snapshot.Endpoints.Length;

    long ICandidates.Now => _history is null ? _started : service.Now;

    bool ICandidates.CanPick(int index)
    {
        EndpointRuntime endpoint = _snapshot.Endpoints[index];
        return endpoint.CanPick(_snapshot.MaxRequestsPerEndpoint, _ignoresEjections)
            && (!_asksForTls || endpoint.IsSecured)
            && _history?.GoesAround(endpoint) != true;
    }

    EndpointLoad ICandidates.Load(int index) => _snapshot.Endpoints[index].Load;

    /// <summary>Picks the next endpoint and begins an attempt on it. False: none that is available is left untried.</summary>
    public bool TryBegin()
    {
        while (true)
        {
            if (_history?.Route is { } route)
            {
                ChooseBackend(route);
            }

            Look();
            Hash();
            string? text = null;
            Pick pick = _snapshot.Custom is { } custom
                ? PickCustom(custom, out text)
                : _snapshot.Balancers.Pick(_hasHash, _hash, this);
            if (pick.IsNone)
            {
                return false;
            }

            // Lost to another call (a probation's only slot) or to an update (the endpoint just left): look again.
            EndpointRuntime endpoint = _snapshot.Endpoints[pick.Index];
            bool ejected = endpoint.IsEjected;
            if (endpoint.TryBegin(_snapshot.MaxRequestsPerEndpoint, _ignoresEjections, out int turn, out EndpointPool? pool))
            {
                Begin(pool, turn, ejected ? PickReason.Panic : pick.Reason);
                if (text is not null)
                {
                    (_history ??= new CallHistory()).ReasonText = text;
                }

                return true;
            }
        }
    }

    /// <summary>Whether an endpoint that this call has not tried could be picked now.</summary>
    public bool HasFreshEndpoint()
    {
        if (_history?.Route is { Backends.Length: > 1, Policy.Choice: BackendChoice.Weighted } route && CurrentSplitHash() is null)
        {
            return HasFreshBackend(route);
        }

        Look();
        ICandidates candidates = this;
        for (int i = 0; i < candidates.Count; i++)
        {
            if (candidates.CanPick(i))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the attempt's endpoint back and goes around it from now on.</summary>
    public void LeaveEndpoint()
    {
        Settle(_current.Outcome.IsFailure);
        _history ??= new CallHistory();
        (_history.Tried ??= []).Add(_current.Endpoint);
    }

    /// <summary>
    /// Goes around an endpoint that could not be reached. False: so many were out of reach, for so long, that the call gives up. Some are
    /// tried whatever the time; the rest of a large service only while a call may wait for an endpoint.
    /// </summary>
    public bool MoveOn()
    {
        LeaveEndpoint();
        UnreachedEndpoints unreached = Unreached;
        unreached.Count++;
        return unreached.Count < UnreachedAnyway || service.Time.GetElapsedTime(unreached.Since) < service.Wait.Timeout;
    }

    /// <summary>Lets the next pick return to endpoints that this call has tried, unless they had no connection left for it.</summary>
    public void ForgetTried()
    {
        if (_history?.Tried is { } tried)
        {
            tried.Clear();
            tried.UnionWith(_history.Unreached?.Crowded?.Endpoints ?? []);
        }
    }

    private UnreachedEndpoints Unreached => (_history ??= new CallHistory()).Unreached ??= new UnreachedEndpoints(_current.Started);

    /// <summary>How long the call has waited for an endpoint, all its waits together.</summary>
    public TimeSpan Waited
    {
        get => _history?.Waited ?? TimeSpan.Zero;
        set => (_history ??= new CallHistory()).Waited = value;
    }

    /// <summary>The attempt got response headers.</summary>
    public void Answered(HttpResponseMessage response)
    {
        ThrowIfLate(response);
        if (response.RequestMessage is { } sent && sent != request)
        {
            MeshedRequest.Restore(response, sent, request);
        }

        _response = response;
        Conclude(ResponseOutcome.Of(response, isGrpc));
        if (!isGrpc && _current.Outcome.Kind is AttemptResult.Success)
        {
            _current.Endpoint.Pass(_current.Turn);
        }
    }

    /// <summary>The attempt ended without an answer.</summary>
    public void Failed(AttemptResult result, Exception error)
    {
        _current.Error = error;
        Conclude(new AttemptOutcome(result, result is AttemptResult.Timeout ? (int)LateKind : 0));
        Settle(_current.Outcome.IsFailure);
    }

    private void Look()
    {
        ServiceRuntime backend = Backend;
        _ignoresEjections = backend.Health.InPanic;

        // The first look is at what the call began with. Later ones see what has changed since, such as that an endpoint left.
        bool isFirst = !_hashed && _current.Pool is null && _history?.Tried is null && ReferenceEquals(backend, service);
        if (!isFirst && backend.Snapshot is var next && !ReferenceEquals(next, _snapshot))
        {
            Follow(next);
        }
    }

    // A hash made under one policy holds until there is another. What the call itself is decided by stays, unless nothing has decided
    // it yet: who waits for the first answer meets the policy only then.
    private void Follow(ServiceSnapshot next)
    {
        CallHistory history = _history ??= new CallHistory();
        if (history.Own is null && _snapshot.Answered)
        {
            history.Own = _snapshot;
        }

        _hashed &= ReferenceEquals(next.Policy, _snapshot.Policy);
        _snapshot = next;
    }

    private void Hash()
    {
        if (_hashed)
        {
            return;
        }

        _hashed = true;
        LoadBalancingPolicy policy = _snapshot.Policy.LoadBalancing;
        _hasHash = _hasKey
            || (policy.Hashes
                && RequestHash.TryCompute(request, policy.HashOn, out _hash));
    }

    private void Begin(EndpointPool pool, int turn, PickReason reason)
    {
        if (_current.Pool is not null)
        {
            _history ??= new CallHistory();
            (_history.Earlier ??= []).Add((_current, _history.ReasonText));
            _history.ReasonText = null;
        }

        _current.Begin(pool, turn, reason, _history is null ? _started : service.Now);
        _state = Attempting;
        service.Metrics.Picked(ref service.Traffic, service.Name, reason);
        if (Trace is { } trace)
        {
            StartAttemptTrace(trace);
        }
    }

    private void Conclude(AttemptOutcome outcome)
    {
        EndAttemptTime();
        _current.Outcome = outcome;
        _current.Ended = service.Now;

        // Failures too, and callers who gave up: an endpoint that never answers must not look idle.
        if (outcome.Kind is not AttemptResult.ConnectFailure)
        {
            EndpointLoad load = _current.Endpoint.Load;
            if (outcome.IsPenalized && load.Clock.Policy.Penalty is { } penalty)
            {
                load.Penalize(penalty.Of(service.Time.GetElapsedTime(_current.Started, _current.Ended), Hint.Delay), _current.Ended);
            }
            else
            {
                load.Sample(_current.Started, _current.Ended);
            }

            _history?.Limits?.Observe(outcome, service.Time.GetElapsedTime(_current.Started, _current.Ended), _current.Ended);
        }
    }

    // Once for each attempt: null when its outcome says nothing about the endpoint.
    private void Settle(bool? failed)
    {
        if (Interlocked.CompareExchange(ref _state, Settled, Attempting) == Attempting)
        {
            GiveBack(failed);
        }
    }

    private void GiveBack(bool? failed)
    {
        _current.Endpoint.End(_current.Pool, _current.Turn, failed, failed is false && _current.Outcome.IsOverload);
        try
        {
            EndAttemptTrace();
        }
        catch (Exception e)
        {
            service.Services.Observers.Thrown(e);
        }

        TellAttemptEnded();
    }
}
