namespace Mesh.Client.Resilience.Timeouts;

/// <summary>
/// When the response of a call's latest attempt must have ended: so long after its request is out or its head is there, whichever is
/// earlier. Until the head is there that is the attempt's own time. Not safe for threads at once.
/// </summary>
internal sealed class ResponseTime(TimeSpan limit)
{
    private TimeoutSource? _attempt;
    private long _due = Timestamps.Never;

    public TimeSpan Limit => limit;

    /// <summary>Whether the response's head is with the caller.</summary>
    public bool HasHead { get; private set; }

    /// <summary>A timestamp; <see cref="Timestamps.Never"/> while that is not the call's to watch over.</summary>
    public long Due => HasHead ? _due : Timestamps.Never;

    /// <summary>An attempt begins, known by its own time.</summary>
    public void Begin(TimeoutSource attempt)
    {
        _attempt = attempt;
        _due = Timestamps.Never;
    }

    /// <summary>An attempt's request is out. What is left of an earlier one says nothing.</summary>
    public void Sent(TimeoutSource attempt, TimeProvider time)
    {
        if (ReferenceEquals(attempt, _attempt))
        {
            Start(time);
        }
    }

    /// <summary>The response goes to the caller, though its request may still be on its way.</summary>
    public void Enter(TimeProvider time)
    {
        HasHead = true;
        Start(time);
    }

    private void Start(TimeProvider time)
    {
        if (_due == Timestamps.Never)
        {
            _due = time.After(time.GetTimestamp(), limit);
        }
    }
}
