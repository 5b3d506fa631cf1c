using Google.Protobuf.WellKnownTypes;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>How often this instance says that it is there.</summary>
internal static class HeartbeatInterval
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>What the registry asks for, within reason; the longest where it asks for nothing, or for what is no interval.</summary>
    public static TimeSpan Read(Duration? wire)
    {
        // Not converted before it is known to be one: that throws for what no time span can be.
        if (wire is not { Seconds: >= 0, Nanos: >= 0 and < Duration.NanosecondsPerSecond }
            || wire is { Seconds: 0, Nanos: 0 }
            || wire.Seconds >= Longest.TotalSeconds)
        {
            return Longest;
        }

        TimeSpan interval = wire.ToTimeSpan();
        return interval < Shortest ? Shortest : interval;
    }
}
