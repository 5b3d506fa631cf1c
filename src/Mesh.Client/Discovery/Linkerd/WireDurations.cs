using Google.Protobuf.WellKnownTypes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Lengths of time between the model and the wire.</summary>
internal static class WireDurations
{
    private const int NanosecondsPerTick = 100;
    private const int NanosecondsPerSecond = 1_000_000_000;

    /// <summary>More than this is as good as for ever, and timers can still count it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>At most <see cref="Longest"/>. False: it is negative or no duration.</summary>
    public static bool TryRead(Duration wire, out TimeSpan length)
    {
        length = default;
        if (wire.Seconds < 0 || wire.Nanos is < 0 or >= NanosecondsPerSecond)
        {
            return false;
        }

        length = wire.Seconds >= (long)Longest.TotalSeconds
            ? Longest
            : TimeSpan.FromTicks((wire.Seconds * TimeSpan.TicksPerSecond) + (wire.Nanos / NanosecondsPerTick));

        // What is shorter than we can count is still not nothing.
        length = length == TimeSpan.Zero && wire.Nanos > 0 ? TimeSpan.FromTicks(1) : length;
        return true;
    }

    /// <summary>Null where there is none, or zero.</summary>
    /// <exception cref="UnreadablePartException">It is negative or no duration.</exception>
    public static TimeSpan? Read(Duration? wire, string place) =>
        wire is null ? null
        : !TryRead(wire, out TimeSpan length) ? throw new UnreadablePartException(place, "it is negative or no duration")
        : length > TimeSpan.Zero ? length : null;

    public static Duration? Write(TimeSpan? length) => length is { } some ? Duration.FromTimeSpan(some) : null;
}
