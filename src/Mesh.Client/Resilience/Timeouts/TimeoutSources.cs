using System.Collections.Concurrent;

namespace Mesh.Client.Resilience.Timeouts;

/// <summary>Lends sources of timeouts, so that a call with one costs no more memory than a call without.</summary>
internal sealed class TimeoutSources(TimeProvider time)
{
    // Beyond this many at once they are made and thrown away.
    private const int MaxKept = 4096;

    private readonly ConcurrentQueue<TimeoutSource> _free = new();
    private TimeoutSource? _next;
    private int _kept;

    /// <summary>One that follows the caller, and has no time yet.</summary>
    public TimeoutSource Lend(ITimeoutListener? listener, CancellationToken caller)
    {
        TimeoutSource? source = Interlocked.Exchange(ref _next, null);
        if (source is null)
        {
            if (_free.TryDequeue(out source))
            {
                Interlocked.Decrement(ref _kept);
            }
            else
            {
                source = new TimeoutSource(time);
            }
        }

        source.Start(listener, caller);
        return source;
    }

    /// <summary>Takes one back.</summary>
    /// <param name="reuse">False while somebody may still hold its token.</param>
    public void Return(TimeoutSource source, bool reuse = true)
    {
        if (!source.TryEnd() || !reuse)
        {
            source.Dispose();
        }
        else if (Interlocked.CompareExchange(ref _next, source, null) is not null)
        {
            if (Interlocked.Increment(ref _kept) <= MaxKept)
            {
                _free.Enqueue(source);
            }
            else
            {
                Interlocked.Decrement(ref _kept);
                source.Dispose();
            }
        }
    }
}
