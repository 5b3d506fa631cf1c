using Mesh.Client.Model;

namespace Mesh.Client.Resilience.Timeouts;

/// <summary>
/// A token that is cancelled by its caller or when its time runs out, and tells the two apart. It is lent by <see cref="TimeoutSources"/>,
/// since the source and the timer are dear to make.
/// </summary>
/// <remarks>
/// All that decides is one word: the timestamp at which it is due. A timer's callback that comes late finds another there, or none, and
/// does nothing; one that finds the same is due, whoever has it by then.
/// </remarks>
internal sealed class TimeoutSource : IDisposable
{
    private const long Free = 0;
    private const long Fired = -1;

    // The longest that a timer of the platform takes is 49 days; one that is early looks again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private readonly CancellationTokenSource _source = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private CancellationTokenRegistration _link;
    private ITimeoutListener? _listener;
    private TimeoutKind _kind;
    private long _due;
    private bool _isSpent;

    public TimeoutSource(TimeProvider time)
    {
        _time = time;
        _timer = Detached.CreateTimer(time, static self => ((TimeoutSource)self!).OnTimer(), this);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time ran out.</summary>
    public bool HasFired => Volatile.Read(ref _due) == Fired;

    /// <summary>What ran out, or will.</summary>
    public TimeoutKind Kind => _kind;

    /// <summary>Begins to follow a caller, without a time yet.</summary>
    public void Start(ITimeoutListener? listener, CancellationToken caller)
    {
        _listener = listener;
        Volatile.Write(ref _due, Timestamps.Never);
        _link = caller.UnsafeRegister(static self => ((TimeoutSource)self!)._source.Cancel(), this);
    }

    /// <summary>It is due then, whenever it was before. Nothing, once it has fired or ended.</summary>
    public void Arm(long due, TimeoutKind kind) => Arm(due, kind, onlyEarlier: false);

    /// <summary>It is due then, unless it is sooner.</summary>
    public void ArmEarlier(long due, TimeoutKind kind) => Arm(due, kind, onlyEarlier: true);

    /// <summary>Cancels the token at once.</summary>
    public void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (AggregateException)
        {
            // What the application's content registered threw. On a timer's thread that would end the process.
        }
    }

    /// <summary>No longer follows the caller.</summary>
    public void Unlink()
    {
        // Not awaited: who cancels may be about to wait for us. Its word is lost on a call that is over, but not on the source.
        if (_link != default && !_link.Unregister())
        {
            _isSpent = true;
        }

        _link = default;
    }

    /// <summary>Ends its use. True: its token was never cancelled, and it may be started again.</summary>
    public bool TryEnd()
    {
        long due = Interlocked.Exchange(ref _due, Free);
        _listener = null;
        Unlink();
        if (due is not (Timestamps.Never or Fired))
        {
            Schedule();
        }

        return due != Fired && !_isSpent && _source.TryReset();
    }

    // The token may still be looked at, and the source has nothing to free.
    public void Dispose() => _timer.Dispose();

    private void Arm(long due, TimeoutKind kind, bool onlyEarlier)
    {
        long before = Volatile.Read(ref _due);
        while (before is not (Free or Fired) && before != due && !(onlyEarlier && before < due))
        {
            long found = Interlocked.CompareExchange(ref _due, due, before);
            if (found == before)
            {
                _kind = kind;
                Schedule();
                return;
            }

            before = found;
        }
    }

    // Whoever changes the timer last has seen what is due last.
    private void Schedule()
    {
        long due;
        do
        {
            due = Volatile.Read(ref _due);
            _timer.Change(due is Free or Fired or Timestamps.Never ? Timeout.InfiniteTimeSpan : Wait(due), Timeout.InfiniteTimeSpan);
        }
        while (Volatile.Read(ref _due) != due);
    }

    // Rounded up to what a timer can count.
    private TimeSpan Wait(long due)
    {
        TimeSpan wait = _time.Until(due);
        return wait <= TimeSpan.Zero ? TimeSpan.Zero
            : wait >= LongestWait ? LongestWait
            : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
    }

    private void OnTimer()
    {
        long due = Volatile.Read(ref _due);
        ITimeoutListener? listener = Volatile.Read(ref _listener);
        if (due is Free or Fired or Timestamps.Never)
        {
            return;
        }

        if (_time.GetTimestamp() < due)
        {
            Schedule();
        }
        else if (Interlocked.CompareExchange(ref _due, Fired, due) == due)
        {
            if (listener is null)
            {
                Cancel();
            }
            else
            {
                listener.OnTimeout(this);
            }
        }
    }
}
