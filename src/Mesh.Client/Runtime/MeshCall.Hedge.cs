using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>A call that is one of several for the same request, each a single attempt.</summary>
internal sealed partial class MeshCall
{
    /// <summary>Whether no other attempt would be made after the one that has ended.</summary>
    public bool IsFinal => !Retry.Rules.Allows(request, _current.Outcome, isGrpc, replayable: true);

    /// <summary>Whether there is a response.</summary>
    public bool IsAnswered => _response is not null;

    /// <summary>Whether the attempt has begun, and has not ended in a failure.</summary>
    public bool IsWorthKnowing => _current.Pool is not null && (_current.Ended == 0 || IsFinal);

    /// <summary>From the attempt's begin to its end, or until now.</summary>
    public TimeSpan Elapsed => service.Time.GetElapsedTime(
        _current.Pool is null ? _started : _current.Started, _current.Ended == 0 ? service.Now : _current.Ended);

    /// <summary>Another call of the same caller, for a copy of the request, which it changes as the rule wants it.</summary>
    /// <param name="copy">Of the request.</param>
    /// <param name="matched">How much of the path the route's prefix took.</param>
    /// <param name="isFirst">Whether it is the first of them; the later ones see what has changed since.</param>
    public MeshCall Beside(HttpRequestMessage copy, int matched, bool isFirst)
    {
        RoutePlan route = _history!.Route!;
        service.TryEnter();
        var call = new MeshCall(service, isFirst ? Own : service.Snapshot, copy, isGrpc, _started) { Waited = TimeSpan.Zero };
        try
        {
            call.Take(route);
            call._history!.IsPart = true;
            call._history.IsCopy = !isFirst;
            call._history.Own = Own;
            if (Trace is { } trace)
            {
                call._history.Trace = trace.Beside(isHedge: !isFirst);
            }

            if (_history.Demands is { } demands)
            {
                call._history.Demands = demands;
            }

            call.ReadKey();
            call.Edit(route, matched);
            if (_history.Chosen is ChosenBackend.Held)
            {
                // Its filters have had their say. Later attempts go where the earlier have not been.
                call._history.Backend = _history.Backend;
                call._history.Chosen = ChosenBackend.Held;
                _history.Chosen = ChosenBackend.No;
            }

            return call;
        }
        catch
        {
            call.Abort();
            throw;
        }
    }

    /// <summary>One attempt, which leaves its outcome here; whoever called this ends the call.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        // Each has a clock of its own, since the winner's goes on with its body. They began together.
        if (MayHaveDeadline)
        {
            cancellationToken = StartTime(cancellationToken);
        }

        Prepare();
        (_history ??= new CallHistory()).IsRetrying = true;
        await CallRunner.RunAsync(this, cancellationToken).ConfigureAwait(false);
        _history.IsRetrying = false;
    }

    /// <summary>Goes around the endpoint of another attempt for the same request. False: no other is left.</summary>
    public bool GoAround(MeshCall other)
    {
        if (other._current.Pool is { } pool)
        {
            (_history!.Tried ??= []).Add(pool.Endpoint);
        }

        return HasFreshEndpoint();
    }

    /// <summary>Takes over what another call has, which then ends before this one's response does.</summary>
    public void Succeed(MeshCall other)
    {
        _history!.Limits = other._history!.Limits;
        other._history.Limits = null;
        _history.IsPart = other._history.IsPart;
        other._history.IsPart = true;
        _history.Waited += other._history.Waited;
        if (Trace is { } trace && other.Trace is { } before)
        {
            (trace.Owns, before.Owns) = (before.Owns, false);
            trace.Denied ??= before.Denied;
        }

        if (_current.Pool is not null)
        {
            _history.Limits?.Observe(_current.Outcome, Elapsed, _current.Ended);
        }
    }

    /// <summary>Takes over what another call, which its caller has given up, had under way: all that there is to tell.</summary>
    public void GiveUpWith(MeshCall leg)
    {
        if (leg._current.Pool is null)
        {
            return;
        }

        CallHistory history = _history!;
        if (_current.Pool is not null)
        {
            (history.Earlier ??= []).Add((_current, history.ReasonText));
        }

        _current = leg._current;
        history.ReasonText = leg._history?.ReasonText;
        history.Backend = leg._history?.Backend ?? history.Backend;
        if (_current.Ended == 0)
        {
            _current.Ended = service.Now;
            _current.Outcome = new AttemptOutcome(AttemptResult.Cancelled);
        }
    }

    /// <summary>Spends from the budget, as a retry does.</summary>
    public bool TryPay() => Budget.TryWithdraw(service.Now);

    /// <summary>Tells of an attempt that was made beside this one, and has ended or is given up.</summary>
    public void Mention(MeshCall other)
    {
        AttemptTrace trace = other._current;
        if (trace.Pool is null)
        {
            return;
        }

        if (trace.Ended == 0)
        {
            trace.Ended = service.Now;
            trace.Outcome = new AttemptOutcome(AttemptResult.Cancelled);
        }

        (_history!.Earlier ??= []).Add((trace, other._history?.ReasonText));
    }
}
