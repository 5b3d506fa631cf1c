namespace Mesh.Client.Balancing;

/// <summary>What every <see cref="EndpointLoad"/> measures by: ticks of 100 µs since it was made, and how fast an average decays.</summary>
/// <param name="time">What timestamps are of.</param>
/// <param name="decay">The time in which an old average falls to 1/e; at least 1 ms.</param>
internal sealed class LoadClock(TimeProvider time, TimeSpan decay)
{
    public static readonly TimeSpan DefaultDecay = TimeSpan.FromSeconds(10);

    private const double TicksPerSecond = 10_000;

    private readonly long _origin = time.GetTimestamp();
    private readonly double _secondsPerTimestamp = 1.0 / time.TimestampFrequency;
    private readonly double _ticksPerTimestamp = TicksPerSecond / time.TimestampFrequency;
    private readonly double _decayPerTick = -1 / (Math.Max(decay.TotalSeconds, 0.001) * TicksPerSecond);

    public LoadClock(TimeProvider time)
        : this(time, DefaultDecay)
    {
    }

    /// <summary>The tick of this moment.</summary>
    public uint Now => Tick(time.GetTimestamp());

    public uint Tick(long timestamp) => unchecked((uint)(long)((timestamp - _origin) * _ticksPerTimestamp));

    /// <summary>From one timestamp to another.</summary>
    public double Seconds(long from, long to) => (to - from) * _secondsPerTimestamp;

    /// <summary>Which part of an average is left after so many ticks.</summary>
    public double Kept(uint elapsed) => elapsed == 0 ? 1 : Math.Exp(elapsed * _decayPerTick);
}
