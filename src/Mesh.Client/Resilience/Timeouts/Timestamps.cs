namespace Mesh.Client.Resilience.Timeouts;

/// <summary>Timestamps of a time provider that lie ahead.</summary>
internal static class Timestamps
{
    /// <summary>None: later than any.</summary>
    public const long Never = long.MaxValue;

    /// <summary>So long after another; <see cref="Never"/> when it is too far away to be told.</summary>
    public static long After(this TimeProvider time, long timestamp, TimeSpan span)
    {
        double ticks = span.Ticks * ((double)time.TimestampFrequency / TimeSpan.TicksPerSecond);
        return ticks >= long.MaxValue - Math.Max(timestamp, 0) ? Never : timestamp + (long)ticks;
    }

    /// <summary>How long it is until then; negative when it has passed.</summary>
    public static TimeSpan Until(this TimeProvider time, long timestamp) => time.GetElapsedTime(time.GetTimestamp(), timestamp);
}
