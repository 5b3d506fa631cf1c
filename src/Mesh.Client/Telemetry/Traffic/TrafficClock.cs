namespace Mesh.Client.Telemetry.Traffic;

/// <summary>Time in slices since a beginning.</summary>
internal sealed class TrafficClock(TimeProvider time)
{
    public static readonly TimeSpan Slice = TimeSpan.FromSeconds(5);

    private readonly long _began = time.GetTimestamp();

    public TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>The number of the slice at this time.</summary>
    public static long Number(TimeSpan now) => now.Ticks / Slice.Ticks;
}
