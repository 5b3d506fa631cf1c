namespace Mesh.Client.Balancing;

/// <summary>
/// One endpoint's live load: calls under way, and a peak-sensitive average of its latency (Peak-EWMA of Finagle, tower
/// and Linkerd). A latency above the average replaces it at once, one below is averaged in, and without samples the
/// average falls towards zero, so that an endpoint that was slow is tried again.
/// </summary>
/// <remarks>
/// Average (seconds, a 32-bit float) and time of the last sample (32 bits of the clock) share one word
/// that is swapped whole. The clock comes round every five days: an endpoint without a call for so long shows an average
/// that has decayed too little, until its next sample.
/// </remarks>
internal sealed class EndpointLoad
{
    /// <summary>How far back, in ticks, a time counts as older than the last sample rather than days younger: 105 s.</summary>
    private const uint Reordering = 1 << 20;

    // The same for all of a service: a process may have many thousands of endpoints.
    private LoadClock _clock;
    private long _state;
    private int _pending;

    /// <param name="clock">What latencies are averaged by, and what the average begins with.</param>
    public EndpointLoad(LoadClock clock)
    {
        _clock = clock;
        _state = Pack((float)clock.Policy.DefaultRtt.TotalSeconds, clock.Now);
    }

    /// <summary>What latencies are averaged by from here on: one of the same ticks.</summary>
    public LoadClock Clock { get => Volatile.Read(ref _clock); set => Volatile.Write(ref _clock, value); }

    /// <summary>Calls begun and not ended.</summary>
    public int Pending => Volatile.Read(ref _pending);

    public void Begin() => Interlocked.Increment(ref _pending);

    /// <summary>Begins a call unless there would be more than so many. Counted first, so that there never are.</summary>
    public bool TryBegin(int most)
    {
        if (Interlocked.Increment(ref _pending) <= most)
        {
            return true;
        }

        End();
        return false;
    }

    public void End() => Interlocked.Decrement(ref _pending);

    /// <summary>Takes in one latency: what lies between two timestamps of the time provider.</summary>
    public void Sample(long began, long ended) => Sample(Clock.Seconds(began, ended), ended, onlyUp: false);

    /// <summary>Takes in a failure, as if it had taken so long: it never makes the average smaller.</summary>
    public void Penalize(TimeSpan latency, long now) => Sample(latency.TotalSeconds, now, onlyUp: true);

    /// <summary>The average as it has decayed by now.</summary>
    public TimeSpan Latency(long now) => TimeSpan.FromSeconds(Average(now));

    /// <summary>What one more call would cost, in seconds; smaller is better.</summary>
    public double Cost(long now) => Average(now) * (Pending + 1);

    /// <summary>The same where the calls under way weigh the less, the more the endpoint weighs.</summary>
    public double WeightedCost(long now, double weight) => Average(now) * ((Pending / weight) + 1);

    private void Sample(double latency, long now, bool onlyUp)
    {
        LoadClock clock = Clock;
        double sample = Math.Max(latency, 0);
        uint tick = clock.Tick(now);
        long state = Volatile.Read(ref _state);
        while (true)
        {
            uint elapsed = tick - (uint)state;
            if (IsOlder(elapsed))
            {
                return;
            }

            double kept = clock.Kept(elapsed);
            double decayed = Estimate(state) * kept;
            double estimate = decayed < sample ? sample : onlyUp ? decayed : decayed + (sample * (1 - kept));
            long before = Interlocked.CompareExchange(ref _state, Pack((float)estimate, tick), state);
            if (before == state)
            {
                return;
            }

            state = before;
        }
    }

    private double Average(long now)
    {
        LoadClock clock = Clock;
        long state = Volatile.Read(ref _state);
        uint elapsed = clock.Tick(now) - (uint)state;
        return Estimate(state) * clock.Kept(IsOlder(elapsed) ? 0 : elapsed);
    }

    private static bool IsOlder(uint elapsed) => elapsed > uint.MaxValue - Reordering;

    private static long Pack(float estimate, uint tick) => ((long)BitConverter.SingleToUInt32Bits(estimate) << 32) | tick;

    private static double Estimate(long state) => BitConverter.UInt32BitsToSingle((uint)(state >> 32));
}
