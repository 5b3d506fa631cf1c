namespace Mesh.Client.Telemetry.Traffic;

/// <summary>
/// A histogram's bounds: eight buckets of equal width to each doubling, from 0.1 ms to 105 s (log-linear, as HdrHistogram). What is told
/// of a bucket is its middle: at most 6.25 % off. Below is told as 0.05 ms, above as the highest bound.
/// </summary>
internal static class LatencyBuckets
{
    private const int Doublings = 20;
    private const int PerDoublingBits = 3;
    private const int PerDoubling = 1 << PerDoublingBits;
    private const int FractionBits = 52;
    private const long Bias = 1023;

    /// <summary>The lowest bound.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(0.1);

    /// <summary>Those below and above the bounds included.</summary>
    public const int Count = (Doublings * PerDoubling) + 2;

    /// <summary>The highest bound.</summary>
    public static TimeSpan Most { get; } = Least * (1 << Doublings);

    public static int IndexOf(TimeSpan latency)
    {
        if (latency < Least)
        {
            return 0;
        }

        // A double's exponent is the doubling, and the first bits of its fraction are the part of that.
        long bits = BitConverter.DoubleToInt64Bits(latency / Least);
        return (int)Math.Min((bits >> (FractionBits - PerDoublingBits)) - (Bias << PerDoublingBits) + 1, Count - 1);
    }

    /// <summary>What stands for every latency in a bucket.</summary>
    public static TimeSpan Middle(int index)
    {
        if (index is 0)
        {
            return Least / 2;
        }

        if (index >= Count - 1)
        {
            return Most;
        }

        (int doubling, int part) = Math.DivRem(index - 1, PerDoubling);
        return Least * (1 << doubling) * (1 + ((part + 0.5) / PerDoubling));
    }

    /// <summary>The nearest-rank quantile; null without any.</summary>
    /// <param name="counts">One for each bucket.</param>
    /// <param name="quantile">More than 0, up to 1.</param>
    public static TimeSpan? Quantile(ReadOnlySpan<int> counts, double quantile)
    {
        long total = 0;
        foreach (int count in counts)
        {
            total += count;
        }

        long rank = (long)Math.Ceiling(quantile * total);
        for (int i = 0; i < counts.Length; i++)
        {
            rank -= counts[i];
            if (total > 0 && rank <= 0)
            {
                return Middle(i);
            }
        }

        return null;
    }
}
