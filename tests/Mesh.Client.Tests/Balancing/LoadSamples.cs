using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

internal static class LoadSamples
{
    /// <summary>Takes in one latency, ending at a timestamp that counts as <see cref="TimeSpan.Ticks"/> do.</summary>
    public static void Sample(this EndpointLoad load, TimeSpan latency, long now) => load.Sample(now - latency.Ticks, now);
}
