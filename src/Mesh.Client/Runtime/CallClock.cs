using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Runtime;

/// <summary>
/// The time of a call that has a deadline, a response timeout or an idle timeout, from its begin to the last byte of its response. While
/// the response is not there, its token ends what is under way; then it ends the read that waits, or lets go of a body that nobody reads.
/// </summary>
internal sealed class CallClock : ITimeoutListener
{
    private const int NotRead = 0;
    private const int Reading = 1;
    private const int Cut = 2;
    private const int NoBody = 3;

    private readonly MeshCall _call;
    private readonly CallDeadline _deadline;
    private readonly TimeSpan _idle;
    private readonly ResponseTime? _response;
    private readonly TimeoutSources _sources;
    private readonly TimeProvider _time;

    // What waits for bytes, and may arm the source, does so under this.
    private readonly Lock _lock = new();
    private TimeoutSource? _source;
    private ObservedContent? _content;
    private TimeoutKind _fired;
    private volatile bool _hasFired;
    private int _waits;
    private int _body = NoBody;

    public CallClock(MeshCall call, in CallDeadline deadline, TimeSpan? idle, TimeSpan? response, CancellationToken caller)
    {
        _call = call;
        _deadline = deadline;
        _idle = idle ?? TimeSpan.Zero;
        _response = response is { } limit ? new ResponseTime(limit) : null;
        _sources = call.Service.Services.Timeouts;
        _time = call.Service.Time;
        Caller = caller;
        _source = _sources.Lend(this, caller);
        _source.Arm(deadline.Due, deadline.Kind);
    }

    /// <summary>The caller's own.</summary>
    public CancellationToken Caller { get; }

    /// <summary>Cancelled by the caller or by the clock.</summary>
    public CancellationToken Token => Volatile.Read(ref _source)?.Token ?? default;

    public CallDeadline Deadline => _deadline;

    /// <summary>What is left of the deadline; zero or less when it has passed.</summary>
    public TimeSpan Left => _time.Until(_deadline.Due);

    /// <summary>Whether the call's time ran out.</summary>
    public bool HasFired => _hasFired;

    /// <summary>What ran out.</summary>
    public TimeoutKind Kind => _fired;

    /// <summary>What ran out, in words.</summary>
    public TimeoutException Reason => new(_fired switch
    {
        TimeoutKind.Idle => TimeoutWords.Of(_fired, _idle),
        TimeoutKind.Response => TimeoutWords.Of(_fired, _response!.Limit),
        _ => TimeoutWords.Of(_deadline.Kind, _deadline.Limit),
    });

    /// <summary>An attempt begins, and with it a response of its own.</summary>
    /// <param name="attempt">Its time to the response's head, by which it is known.</param>
    public void BeginAttempt(TimeoutSource attempt)
    {
        if (_response is not null)
        {
            lock (_lock)
            {
                _response.Begin(attempt);
            }
        }
    }

    /// <summary>An attempt's request is out: its response's time begins.</summary>
    public void Sent(TimeoutSource attempt)
    {
        if (_response is not null)
        {
            lock (_lock)
            {
                _response.Sent(attempt, _time);
                ArmResponse();
            }
        }
    }

    /// <summary>The response goes to the caller.</summary>
    public void EnterBody(ObservedContent content)
    {
        // As below any handler: a caller's token ends with the head.
        _source?.Unlink();
        if (_response is not null)
        {
            lock (_lock)
            {
                _response.Enter(_time);
                ArmResponse();
            }
        }

        _content = content;
        Volatile.Write(ref _body, NotRead);
        if (_hasFired)
        {
            CutUnlessRead();
        }
    }

    /// <summary>False: the time has run out.</summary>
    public bool TryBeginRead() => !_hasFired && Interlocked.CompareExchange(ref _body, Reading, NotRead) != Cut;

    public void EndRead()
    {
        Interlocked.CompareExchange(ref _body, NotRead, Reading);
        if (_hasFired)
        {
            CutUnlessRead();
        }
    }

    /// <summary>The reader gave its read up, and with it the body.</summary>
    public void CancelRead() => Volatile.Read(ref _source)?.Cancel();

    /// <summary>Bytes are waited for, in either direction.</summary>
    public void BeginWait()
    {
        if (_idle > TimeSpan.Zero)
        {
            lock (_lock)
            {
                _waits++;
                ArmIdle();
            }
        }
    }

    /// <summary>They came, or failed to.</summary>
    public void EndWait()
    {
        if (_idle > TimeSpan.Zero)
        {
            lock (_lock)
            {
                if (--_waits > 0)
                {
                    ArmIdle();
                }
                else
                {
                    ArmEnd();
                }
            }
        }
    }

    /// <summary>Ends the call for want of time.</summary>
    /// <param name="isEndpoints">Whether its endpoint was waited for.</param>
    /// <returns>What the reader is told.</returns>
    public Exception End(bool isEndpoints)
    {
        TimeoutException reason = Reason;
        _call.BodyLate(_fired, reason, isEndpoints);
        return CallErrors.Timeout(_call, reason);
    }

    /// <summary>The call is over.</summary>
    public void Stop()
    {
        TimeoutSource? source;
        bool isHeld;
        lock (_lock)
        {
            source = _source;
            isHeld = _waits > 0 || Volatile.Read(ref _body) == Reading;
            Volatile.Write(ref _source, null);
        }

        if (source is not null)
        {
            _sources.Return(source, reuse: !isHeld);
        }
    }

    void ITimeoutListener.OnTimeout(TimeoutSource source)
    {
        _fired = Left <= TimeSpan.Zero ? _deadline.Kind
            : _response is not null && _time.Until(_response.Due) <= TimeSpan.Zero ? TimeoutKind.Response
            : TimeoutKind.Idle;
        _hasFired = true;
        source.Cancel();
        CutUnlessRead();
    }

    private void ArmIdle()
    {
        long due = _time.After(_time.GetTimestamp(), _idle);
        if (due < _deadline.Due && (_response is null || due < _response.Due))
        {
            _source?.Arm(due, TimeoutKind.Idle);
        }
        else
        {
            ArmEnd();
        }
    }

    // What is due whether bytes come or not.
    private void ArmEnd()
    {
        _source?.Arm(_deadline.Due, _deadline.Kind);
        ArmResponse();
    }

    private void ArmResponse()
    {
        if (_response is { HasHead: true })
        {
            _source?.ArmEarlier(_response.Due, TimeoutKind.Response);
        }
    }

    // Nobody waits for the endpoint, unless a part of the request does.
    private void CutUnlessRead()
    {
        if (Interlocked.CompareExchange(ref _body, Cut, NotRead) == NotRead)
        {
            _call.BodyLate(_fired, Reason, isEndpoints: _waits > 0);
            _content!.Cut();
        }
    }
}
