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
    public static readonly TimeSpan DefaultRtt = TimeSpan.FromMilliseconds(30);

    /// <summary>How far back, in ticks, a time counts as older than the last sample rather than days younger: 105 s.</summary>
    private const uint Reordering = 1 << 20;

    // The same for all: a process may have many thousands of endpoints.
    private readonly LoadClock _clock;
    private long _state;
    private int _pending;

    public EndpointLoad(LoadClock clock)
        : this(clock, DefaultRtt)
    {
    }

    /// <param name="clock">What latencies are averaged by.</param>
    /// <param name="defaultRtt">The average to begin with.</param>
    public EndpointLoad(LoadClock clock, TimeSpan defaultRtt)
    {
        _clock = clock;
        _state = Pack((float)defaultRtt.TotalSeconds, clock.Now);
    }

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
    public void Sample(long began, long ended)
    {
        double sample = Math.Max(_clock.Seconds(began, ended), 0);
        uint tick = _clock.Tick(ended);
        long state = Volatile.Read(ref _state);
        while (true)
        {
            uint elapsed = tick - (uint)state;
            if (IsOlder(elapsed))
            {
                return;
            }

            double kept = _clock.Kept(elapsed);
            double decayed = Estimate(state) * kept;
            double estimate = decayed < sample ? sample : decayed + (sample * (1 - kept));
            long before = Interlocked.CompareExchange(ref _state, Pack((float)estimate, tick), state);
            if (before == state)
            {
                return;
            }

            state = before;
        }
    }

    /// <summary>The average as it has decayed by now.</summary>
    public TimeSpan Latency(long now) => TimeSpan.FromSeconds(Average(now));

    /// <summary>What one more call would cost, in seconds; smaller is better.</summary>
    public double Cost(long now) => Average(now) * (Pending + 1);

    /// <summary>The same where the calls under way weigh the less, the more the endpoint weighs.</summary>
    public double WeightedCost(long now, double weight) => Average(now) * ((Pending / weight) + 1);

    private double Average(long now)
    {
        long state = Volatile.Read(ref _state);
        uint elapsed = _clock.Tick(now) - (uint)state;
        return Estimate(state) * _clock.Kept(IsOlder(elapsed) ? 0 : elapsed);
    }

    private static bool IsOlder(uint elapsed) => elapsed > uint.MaxValue - Reordering;

    private static long Pack(float estimate, uint tick) => ((long)BitConverter.SingleToUInt32Bits(estimate) << 32) | tick;

    private static double Estimate(long state) => BitConverter.UInt32BitsToSingle((uint)(state >> 32));
}
