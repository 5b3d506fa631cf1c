namespace Mesh.Client.Telemetry.Traffic;

/// <summary>The calls that ended within a few seconds. Written without locks; what is read meanwhile may lack the very latest.</summary>
/// <param name="number">How many slices there were before, since the start.</param>
internal sealed class TrafficSlice(long number)
{
    // Null once the slice is old: then the highest latencies are all that is kept of it.
    private int[]? _latencies = new int[LatencyBuckets.Count];
    private int _calls;
    private int _failures;
    private int _givenUp;
    private double? _p99;

    public long Number { get; } = number;

    public int Calls => Volatile.Read(ref _calls);

    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Calls that their callers gave up: neither good nor bad, and of no latency.</summary>
    public int GivenUp => Volatile.Read(ref _givenUp);

    public double? P99Milliseconds => Volatile.Read(ref _latencies) is { } latencies ? P99(latencies) : _p99;

    /// <param name="succeeded">Null where its caller gave it up.</param>
    public void Add(TimeSpan duration, bool? succeeded)
    {
        Interlocked.Increment(ref _calls);
        if (succeeded is null)
        {
            Interlocked.Increment(ref _givenUp);
            return;
        }

        if (Volatile.Read(ref _latencies) is { } latencies)
        {
            Interlocked.Increment(ref latencies[LatencyBuckets.IndexOf(duration)]);
        }

        if (succeeded is false)
        {
            Interlocked.Increment(ref _failures);
        }
    }

    /// <summary>Adds its latencies to others.</summary>
    public void CopyTo(Span<int> latencies)
    {
        int[] own = Volatile.Read(ref _latencies) ?? [];
        for (int i = 0; i < own.Length; i++)
        {
            latencies[i] += Volatile.Read(ref own[i]);
        }
    }

    /// <summary>It is old: lets go of its latencies.</summary>
    public void Close()
    {
        if (Volatile.Read(ref _latencies) is { } latencies)
        {
            _p99 = P99(latencies);
            Volatile.Write(ref _latencies, null);
        }
    }

    private static double? P99(int[] latencies) => LatencyBuckets.Quantile(latencies, 0.99)?.TotalMilliseconds;
}
