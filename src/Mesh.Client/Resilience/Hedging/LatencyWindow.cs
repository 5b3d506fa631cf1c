using System.Numerics;

namespace Mesh.Client.Resilience.Hedging;

/// <summary>
/// Latencies of the last half minute to a minute, counted in buckets that grow by an eighth of a power of two, so that a quantile is never
/// too low and at most an eighth too high. Taken in without a lock; what two threads count in the moment of a turn may be lost.
/// </summary>
internal sealed class LatencyWindow(TimeProvider time)
{
    /// <summary>Fewer say nothing.</summary>
    public const int MinSamples = 20;

    private const int StepBits = 3;
    private const int Steps = 1 << StepBits;

    // In microseconds: from one to about an hour.
    private const int Buckets = (32 - StepBits + 1) * Steps;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private readonly Lock _turning = new();
    private int[] _counts = new int[Buckets];
    private int[] _before = new int[Buckets];
    private long _turned = time.GetTimestamp();
    private Answer? _last;

    /// <summary>Takes in a latency.</summary>
    public void Record(TimeSpan latency)
    {
        TurnOver();
        Interlocked.Increment(ref Volatile.Read(ref _counts)[BucketOf(latency)]);
    }

    /// <summary>What this share of latencies was below, as it was known a tenth of a second ago at most; null: too few were seen.</summary>
    /// <param name="share">More than 0 and less than 1; always the same.</param>
    public TimeSpan? Quantile(double share)
    {
        TurnOver();
        long now = time.GetTimestamp();
        if (Volatile.Read(ref _last) is not { } last || time.GetElapsedTime(last.At, now) >= Fresh)
        {
            Volatile.Write(ref _last, last = new Answer(Compute(share), now));
        }

        return last.Value;
    }

    private static int BucketOf(TimeSpan latency)
    {
        uint value = (uint)Math.Clamp(latency.Ticks / TimeSpan.TicksPerMicrosecond, 0, uint.MaxValue);
        if (value < Steps)
        {
            return (int)value;
        }

        int power = BitOperations.Log2(value);
        return ((power - StepBits + 1) * Steps) + (int)((value >> (power - StepBits)) & (Steps - 1));
    }

    // The least latency of the next bucket.
    private static TimeSpan CeilingOf(int bucket)
    {
        int next = bucket + 1;
        long value = next < Steps ? next : (long)(Steps + (next % Steps)) << ((next / Steps) - 1);
        return TimeSpan.FromMicroseconds(value);
    }

    private TimeSpan? Compute(double share)
    {
        int[] counts = Volatile.Read(ref _counts), before = Volatile.Read(ref _before);
        long total = 0;
        for (int i = 0; i < Buckets; i++)
        {
            total += counts[i] + before[i];
        }

        if (total < MinSamples)
        {
            return null;
        }

        long rank = (long)Math.Ceiling(total * share), seen = 0;
        int bucket = 0;
        while (bucket < Buckets - 1 && (seen += counts[bucket] + before[bucket]) < rank)
        {
            bucket++;
        }

        return CeilingOf(bucket);
    }

    private void TurnOver()
    {
        if (time.GetElapsedTime(Volatile.Read(ref _turned)) < Turn)
        {
            return;
        }

        lock (_turning)
        {
            TimeSpan passed = time.GetElapsedTime(_turned);
            if (passed >= Turn)
            {
                _before = passed < Turn * 2 ? _counts : new int[Buckets];
                Volatile.Write(ref _counts, new int[Buckets]);
                Volatile.Write(ref _turned, time.GetTimestamp());
            }
        }
    }

    private sealed record Answer(TimeSpan? Value, long At);
}
