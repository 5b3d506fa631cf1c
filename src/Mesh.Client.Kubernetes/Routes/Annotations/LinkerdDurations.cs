using System.Globalization;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary>Durations as Linkerd's annotations write them: a whole number and one unit. A bare zero needs none.</summary>
internal static class LinkerdDurations
{
    /// <summary>Null: it is none.</summary>
    public static TimeSpan? Read(string text)
    {
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return null;
        }

        long? unit = text.AsSpan(digits) switch
        {
            "" when number == 0 => 1,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            "d" => TimeSpan.TicksPerDay,
            _ => null,
        };
        return unit is { } ticks && number <= long.MaxValue / ticks ? TimeSpan.FromTicks(number * ticks) : null;
    }
}
