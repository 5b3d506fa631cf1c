using System.Globalization;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Waits that double, between the model and the wire.</summary>
internal static class WireBackoff
{
    /// <exception cref="UnreadablePartException">Its bounds are out of order, or one is no length of time.</exception>
    public static (TimeSpan Min, TimeSpan Max, double Jitter) Read(Protocol.ExponentialBackoff wire, string place)
    {
        TimeSpan min = WireDurations.Read(wire.MinBackoff, $"{place}.min_backoff") ?? TimeSpan.Zero;
        TimeSpan max = WireDurations.Read(wire.MaxBackoff, $"{place}.max_backoff")
            ?? throw new UnreadablePartException($"{place}.max_backoff", "it is missing or 0");
        return min > max
                ? throw new UnreadablePartException($"{place}.min_backoff", "it is more than max_backoff")
            : float.IsFinite(wire.JitterRatio) && wire.JitterRatio is >= 0 and <= 100
                ? (min, max, Math.Min(Widen(wire.JitterRatio), 1))
            : throw new UnreadablePartException($"{place}.jitter_ratio", "it is not 0 to 100");
    }

    public static Protocol.ExponentialBackoff Write(TimeSpan min, TimeSpan max, double jitter) => new()
    {
        MinBackoff = WireDurations.Write(min),
        MaxBackoff = WireDurations.Write(max),
        JitterRatio = (float)jitter,
    };

    /// <summary>The number that was meant: 0.2 of a float is not 0.2 of a double.</summary>
    public static double Widen(float wire) =>
        float.IsFinite(wire) ? double.Parse(wire.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : wire;
}
