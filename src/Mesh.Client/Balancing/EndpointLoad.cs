namespace Mesh.Client.Balancing;

/// <summary>
/// One endpoint's live load: calls under way, and a peak-sensitive average of its latency (Peak-EWMA of Finagle, tower
/// and Linkerd). A latency above the average replaces it at once, one below is averaged in, and without samples the
/// average falls towards zero, so that an endpoint that was slow is tried again.
/// </summary>
/// <remarks>
/// Average (seconds, a 32-bit float) and time of the last sample (32 bits of 100 µs since construction) share one word
/// that is swapped whole. That clock comes round every five days: an endpoint without a call for so long shows an average
/// that has decayed too little, until its next sample.
/// </remarks>
internal sealed class EndpointLoad
{
    public static readonly TimeSpan DefaultRtt = TimeSpan.FromMilliseconds(30);

    public static readonly TimeSpan DefaultDecay = TimeSpan.FromSeconds(10);

    private const double TicksPerSecond = 10_000;

    /// <summary>How far back, in ticks, a time counts as older than the last sample rather than days younger: 105 s.</summary>
    private const uint Reordering = 1 << 20;

    private readonly long _origin;
    private readonly double _ticksPerTimestamp;
    private readonly double _decayPerTick;
    private long _state;
    private int _pending;

    public EndpointLoad(TimeProvider time)
        : this(time, DefaultRtt, DefaultDecay)
    {
    }

    /// <param name="defaultRtt">The average to begin with.</param>
    /// <param name="decay">The time in which an old average falls to 1/e; at least 1 ms.</param>
    public EndpointLoad(TimeProvider time, TimeSpan defaultRtt, TimeSpan decay)
    {
        _origin = time.GetTimestamp();
        _ticksPerTimestamp = TicksPerSecond / time.TimestampFrequency;
        _decayPerTick = -1 / (Math.Max(decay.TotalSeconds, 0.001) * TicksPerSecond);
        _state = Pack((float)defaultRtt.TotalSeconds, 0);
    }

    /// <summary>Calls begun and not ended.</summary>
    public int Pending => Volatile.Read(ref _pending);

    public void Begin() => Interlocked.Increment(ref _pending);

    public void End() => Interlocked.Decrement(ref _pending);

    /// <summary>Takes in one latency, ending at <paramref name="now"/> (a timestamp of the time provider).</summary>
    public void Sample(TimeSpan latency, long now)
    {
        double sample = Math.Max(latency.TotalSeconds, 0);
        uint tick = Tick(now);
        long state = Volatile.Read(ref _state);
        while (true)
        {
            uint elapsed = tick - (uint)state;
            if (IsOlder(elapsed))
            {
                return;
            }

            double kept = Kept(elapsed);
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
        uint elapsed = Tick(now) - (uint)state;
        return Estimate(state) * Kept(IsOlder(elapsed) ? 0 : elapsed);
    }

    private static bool IsOlder(uint elapsed) => elapsed > uint.MaxValue - Reordering;

    private static long Pack(float estimate, uint tick) => ((long)BitConverter.SingleToUInt32Bits(estimate) << 32) | tick;

    private static double Estimate(long state) => BitConverter.UInt32BitsToSingle((uint)(state >> 32));

    private uint Tick(long timestamp) => unchecked((uint)(long)((timestamp - _origin) * _ticksPerTimestamp));

    private double Kept(uint elapsed) => elapsed == 0 ? 1 : Math.Exp(elapsed * _decayPerTick);
}
