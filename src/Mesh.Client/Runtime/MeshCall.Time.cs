using Mesh.Client.Grpc;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Runtime;

/// <summary>How long a call and its attempts may take, and what the endpoint is told of it.</summary>
internal sealed partial class MeshCall : ISendingObserver
{
    private static readonly TimeSpan StillTrue = TimeSpan.FromMilliseconds(1);

    /// <summary>The time of the whole call; null where it has as much as it likes.</summary>
    public CallClock? Clock => _history?.Clock;

    /// <summary>Whether there is more to ask for a deadline than the caller's token.</summary>
    public bool MayHaveDeadline => MeshDeadline.IsUsed || Timeouts != TimeoutPolicy.None;

    private TimeoutPolicy Timeouts =>
        _history?.Demands?.Timeouts ?? _history?.Route?.Policy.Timeouts ?? TimeoutPolicy.None;

    private bool WatchesSending => Timeouts is { ResponseHead: not null } or { Response: not null } or { Idle: not null }
        || service.Services.LinkerdNames is { WatchesRequests: true };

    // The latest attempt's time ran out, or the call's.
    private bool IsLate => _history is { } history && (history.AttemptTime is { HasFired: true } || history.Clock is { HasFired: true });

    /// <summary>The call's time begins.</summary>
    /// <returns>What ends all that it does.</returns>
    public CancellationToken StartTime(CancellationToken caller)
    {
        TimeoutPolicy policy = Timeouts;
        TimeProvider time = service.Time;
        string? header = isGrpc ? GrpcTimeout.Header : policy.Header;
        CallDeadline deadline = CallDeadline.None
            .Or(header is null ? null : DeadlineHeader.Read(request, header), TimeoutKind.Caller, time, _started)
            .Or(MeshDeadline.Remaining, TimeoutKind.Ambient, time, time.GetTimestamp())
            .Or(policy.Request, TimeoutKind.Request, time, _started);
        if (deadline.IsNone && policy is { Idle: null, Response: null })
        {
            return caller;
        }

        var clock = new CallClock(this, deadline, policy.Idle, policy.Response, caller);
        (_history ??= new CallHistory()).Clock = clock;
        return clock.Token;
    }

    /// <summary>What is kept of an attempt that ended so: what ran out says more than what was thrown for it.</summary>
    public Exception Explain(AttemptResult result, Exception thrown) => result is AttemptResult.Timeout ? Reason() : thrown;

    /// <summary>What the caller is told of what ends its call; null where that is what was thrown.</summary>
    public Exception? ExplainEnd(Exception thrown)
    {
        if (thrown is not OperationCanceledException || Clock is not { } clock)
        {
            return null;
        }

        if (clock.Caller.IsCancellationRequested)
        {
            return new OperationCanceledException(thrown.Message, thrown, clock.Caller);
        }

        if (!clock.HasFired)
        {
            return null;
        }

        TimeoutException reason = clock.Reason;
        if (IsUnderWay)
        {
            // Answered while the content was still going out.
            BodyLate(clock.Kind, reason, isEndpoints: true);
        }

        return CallErrors.Timeout(this, reason);
    }

    TimeoutSource? ISendingObserver.Sending() => _history?.AttemptTime;

    void ISendingObserver.Sent(TimeoutSource? attempt)
    {
        if (_history is { } history && service.Services.LinkerdNames is not null)
        {
            history.Sent = service.Now;
        }

        if (attempt is not null)
        {
            BeginResponseTime(attempt);
        }
    }

    // As the caller gave them: a retry sends them once more, and so does a copy.
    void ISendingObserver.Writing(int bytes)
    {
        if (bytes > 0 && _history is { Retries: 0, IsCopy: false })
        {
            TellFrame(bytes, isResponse: false);
        }
    }

    void ISendingObserver.Waiting() => Clock?.BeginWait();

    void ISendingObserver.Waited() => Clock?.EndWait();

    private void ThrowIfPassed()
    {
        if (Clock is { } clock && clock.Left <= TimeSpan.Zero)
        {
            throw CallErrors.Timeout(this, new TimeoutException(TimeoutWords.Of(clock.Deadline.Kind, clock.Deadline.Limit)));
        }
    }

    // Just in time is too late when the token has been cancelled: what it ends may be the rest of the exchange.
    private void ThrowIfLate(HttpResponseMessage response)
    {
        if (IsLate)
        {
            response.Dispose();
            throw new OperationCanceledException();
        }
    }

    // Only where another try may follow, and could be paid for: the last one has as much time as the call.
    private TimeSpan? TryTimeout
    {
        get
        {
            RetryRules rules = Retry.Rules;
            return rules.Policy.TryTimeout is { } limit
                && (_history?.Retries ?? 0) < rules.Policy.MaxRetries
                && rules.Allows(request, AttemptOutcome.OutOfTry, isGrpc, Content.IsKept)
                && Budget.Balance(service.Now) >= 1
                    ? limit
                    : null;
        }
    }

    /// <summary>The attempt's time begins, and the endpoint is told by when the call must be over.</summary>
    private CancellationToken BeginAttemptTime(CallHistory history, CancellationToken cancellationToken)
    {
        WriteDeadline(history);
        TimeoutPolicy policy = Timeouts;
        TimeSpan? tryLimit = TryTimeout;
        if (policy is { Attempt: null, ResponseHead: null, Response: null } && tryLimit is null)
        {
            return cancellationToken;
        }

        TimeoutSource attempt = service.Services.Timeouts.Lend(null, cancellationToken);
        history.AttemptTime = attempt;
        history.Clock?.BeginAttempt(attempt);
        if (policy.Attempt is { } limit)
        {
            attempt.Arm(service.Time.After(_current.Started, limit), TimeoutKind.Attempt);
        }

        if (tryLimit is { } limitOfTry)
        {
            attempt.ArmEarlier(service.Time.After(_current.Started, limitOfTry), TimeoutKind.Try);
        }

        // What there is to send tells when it is sent.
        if (!Content.IsWatched)
        {
            BeginResponseTime(attempt);
        }

        return attempt.Token;
    }

    // The request is out.
    private void BeginResponseTime(TimeoutSource attempt)
    {
        TimeoutPolicy policy = Timeouts;
        if (policy.ResponseHead is { } headLimit)
        {
            attempt.ArmEarlier(service.Time.After(service.Now, headLimit), TimeoutKind.ResponseHead);
        }

        if (policy.Response is { } limit)
        {
            attempt.ArmEarlier(service.Time.After(service.Now, limit), TimeoutKind.Response);
            Clock?.Sent(attempt);
        }
    }

    private void EndAttemptTime()
    {
        if (_history?.AttemptTime is { } attempt)
        {
            // A content that is still going out may hold the token.
            _history.AttemptTime = null;
            service.Services.Timeouts.Return(attempt, reuse: Content.IsDone);
        }
    }

    private void WriteDeadline(CallHistory history)
    {
        // However it went by: in a line, a delay, a wait for an endpoint, an earlier attempt.
        bool isLater = service.Time.GetElapsedTime(_started, _current.Started) >= StillTrue;
        TimeSpan left;
        string? header = isGrpc ? GrpcTimeout.Header : null;
        if (history.Clock is { Deadline.IsNone: false } clock)
        {
            header ??= Timeouts.Header;

            // As the caller wrote it, while it is still true.
            if (header is null || (clock.Deadline.Kind is TimeoutKind.Caller && !isLater))
            {
                return;
            }

            left = clock.Left;
        }
        else if (isGrpc && isLater && OriginalDeadline(history) is { } deadline)
        {
            left = deadline - service.Time.GetElapsedTime(_started);
        }
        else
        {
            return;
        }

        history.Deadline ??= new DeadlineHeader(request, header!);
        history.Deadline.Write(request, left);
    }

    private TimeSpan? OriginalDeadline(CallHistory history) =>
        history.Deadline?.Original ?? DeadlineHeader.Read(request, GrpcTimeout.Header);

    // Not the call's own, which leaves none for another attempt.
    private TimeoutSource? LateAttempt =>
        _history is { Clock: null or { HasFired: false }, AttemptTime: { HasFired: true } attempt } ? attempt : null;

    private TimeoutKind LateKind => LateAttempt?.Kind ?? Clock?.Kind ?? TimeoutKind.Request;

    private TimeoutException Reason()
    {
        if (LateAttempt is not { Kind: var kind })
        {
            return _history!.Clock!.Reason;
        }

        TimeSpan? limit = kind switch
        {
            TimeoutKind.Attempt => Timeouts.Attempt,
            TimeoutKind.Try => Retry.Rules.Policy.TryTimeout,
            TimeoutKind.Response => Timeouts.Response,
            _ => Timeouts.ResponseHead,
        };
        return new TimeoutException(TimeoutWords.Of(kind, limit.GetValueOrDefault()));
    }
}
