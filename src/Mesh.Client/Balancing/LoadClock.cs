using Mesh.Client.Model;

namespace Mesh.Client.Balancing;

/// <summary>
/// What <see cref="EndpointLoad"/>s measure by: ticks of 100 µs since the first of them was made, how fast an average decays, and what the
/// policy says beside.
/// </summary>
internal sealed class LoadClock
{
    private const double TicksPerSecond = 10_000;

    private readonly long _origin;
    private readonly double _secondsPerTimestamp;
    private readonly double _ticksPerTimestamp;
    private readonly double _decayPerTick;
    private readonly TimeProvider _time;

    public LoadClock(TimeProvider time)
        : this(time, EwmaPolicy.Default)
    {
    }

    /// <param name="time">What timestamps are of.</param>
    /// <param name="policy">Its decay counts as at least 1 ms.</param>
    public LoadClock(TimeProvider time, EwmaPolicy policy)
        : this(time, policy, time.GetTimestamp())
    {
    }

    private LoadClock(TimeProvider time, EwmaPolicy policy, long origin)
    {
        Policy = policy;
        _time = time;
        _origin = origin;
        _secondsPerTimestamp = 1.0 / time.TimestampFrequency;
        _ticksPerTimestamp = TicksPerSecond / time.TimestampFrequency;
        _decayPerTick = -1 / (Math.Max(policy.Decay.TotalSeconds, 0.001) * TicksPerSecond);
    }

    public EwmaPolicy Policy { get; }

    /// <summary>The tick of this moment.</summary>
    public uint Now => Tick(_time.GetTimestamp());

    /// <summary>The same ticks under another policy; this one, if it is the same.</summary>
    public LoadClock Under(EwmaPolicy policy) => policy == Policy ? this : new LoadClock(_time, policy, _origin);

    public uint Tick(long timestamp) => unchecked((uint)(long)((timestamp - _origin) * _ticksPerTimestamp));

    /// <summary>From one timestamp to another.</summary>
    public double Seconds(long from, long to) => (to - from) * _secondsPerTimestamp;

    /// <summary>Which part of an average is left after so many ticks.</summary>
    public double Kept(uint elapsed) => elapsed == 0 ? 1 : Math.Exp(elapsed * _decayPerTick);
}
