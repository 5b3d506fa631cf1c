using Mesh.Client.Model;

namespace Mesh.Client.Health;

/// <summary>
/// How many of an endpoint's latest calls went well, in ten parts of time (Linkerd's unified failure accrual). A part that has passed is
/// emptied when its turn comes again. Locked only when one part follows another.
/// </summary>
/// <remarks>What is counted in the very moment in which a part is emptied may be lost: one call more or less.</remarks>
internal sealed class SuccessWindow
{
    private const int Parts = 10;

    // Linkerd's thresholds are whole basis points.
    private const int BasisPoints = 10_000;

    private readonly Lock _lock = new();
    private readonly int[] _good = new int[Parts];
    private readonly int[] _bad = new int[Parts];
    private readonly TimeProvider _time;
    private readonly long _partLength;
    private readonly long _threshold;
    private long _partStart;
    private int _part;

    public SuccessWindow(SuccessRatePolicy policy, TimeProvider time)
    {
        Policy = policy;
        _time = time;
        _threshold = (long)Math.Round(policy.Threshold * BasisPoints, MidpointRounding.AwayFromZero);
        _partLength = Math.Max(1, (long)(policy.Window.TotalSeconds * time.TimestampFrequency / Parts));
        _partStart = time.GetTimestamp();
    }

    public SuccessRatePolicy Policy { get; }

    /// <summary>Which share went well; null where nothing is counted.</summary>
    public double? Rate
    {
        get
        {
            (long good, long all) = Count();
            return all == 0 ? null : (double)good / all;
        }
    }

    /// <summary>Whether enough calls are counted, and too few of them went well.</summary>
    public bool IsLow
    {
        get
        {
            (long good, long all) = Count();
            return all >= Policy.MinRequests && good * BasisPoints < all * _threshold;
        }
    }

    public void Record(bool good)
    {
        Advance();
        Interlocked.Increment(ref (good ? _good : _bad)[Volatile.Read(ref _part)]);
    }

    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_good);
            Array.Clear(_bad);
        }
    }

    private (long Good, long All) Count()
    {
        Advance();
        long good = 0;
        long bad = 0;
        for (int i = 0; i < Parts; i++)
        {
            good += Volatile.Read(ref _good[i]);
            bad += Volatile.Read(ref _bad[i]);
        }

        return (good, good + bad);
    }

    private void Advance()
    {
        long now = _time.GetTimestamp();
        if (now - Volatile.Read(ref _partStart) < _partLength)
        {
            return;
        }

        lock (_lock)
        {
            long passed = (now - _partStart) / _partLength;
            for (long i = 0; i < Math.Min(passed, Parts); i++)
            {
                int next = (_part + 1) % Parts;
                _good[next] = 0;
                _bad[next] = 0;
                Volatile.Write(ref _part, next);
            }

            Volatile.Write(ref _partStart, _partStart + (Math.Max(passed, 0) * _partLength));
        }
    }
}
