using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>Tells, once, when connections are to be replaced: ahead of the end of the certificates that they rest on.</summary>
internal sealed class RenewalTimer(TimeProvider time, Action renew)
{
    // Of what is left of a certificate, give or take half the spread; Linkerd's proxies renew theirs at 70 %.
    private const double Share = 0.85;
    private const double Spread = 0.1;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(40);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private DateTimeOffset _due = DateTimeOffset.MaxValue;

    /// <summary>A connection was made that rests on a certificate which ends then.</summary>
    public void Before(DateTimeOffset end)
    {
        TimeSpan left = end - time.GetUtcNow();
        double share = Share + (Spread * (Random.Shared.NextDouble() - 0.5));

        // Below the shortest the peer has not renewed in time: keep it to its end, and do not dial it ever faster.
        Within(left > Shortest ? left * share : left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <summary>After this time, or sooner if that is due already.</summary>
    public void Within(TimeSpan wait)
    {
        wait = wait > MaxTimer ? MaxTimer : wait;
        DateTimeOffset due = time.GetUtcNow() + wait;
        lock (_lock)
        {
            if (due < _due)
            {
                _due = due;
                _timer ??= Detached.CreateTimer(time, static self => ((RenewalTimer)self!).Tick(), this);
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Says nothing from here on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _due = DateTimeOffset.MinValue;
            _timer?.Dispose();
        }
    }

    // What is due from here on is a later connection's.
    private void Tick()
    {
        lock (_lock)
        {
            if (_due == DateTimeOffset.MinValue)
            {
                return;
            }

            _due = DateTimeOffset.MaxValue;
        }

        renew();
    }
}
