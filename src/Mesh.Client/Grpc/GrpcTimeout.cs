using System.Globalization;

namespace Mesh.Client.Grpc;

/// <summary>
/// The <c>grpc-timeout</c> header: at most eight digits and a unit. What is written is never longer than what was meant, so that a
/// deadline does not grow on its way.
/// </summary>
internal static class GrpcTimeout
{
    public const string Header = "grpc-timeout";

    private const long MostDigits = 99_999_999;

    /// <summary>The longest that the header can say: eight digits of hours.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(MostDigits);

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
        {
            return false;
        }

        // Ticks are 100 ns: fewer nanoseconds are no time at all.
        long? ticks = text[^1] switch
        {
            'H' => count * TimeSpan.TicksPerHour,
            'M' => count * TimeSpan.TicksPerMinute,
            'S' => count * TimeSpan.TicksPerSecond,
            'm' => count * TimeSpan.TicksPerMillisecond,
            'u' => count * TimeSpan.TicksPerMicrosecond,
            'n' => count / TimeSpan.NanosecondsPerTick,
            _ => null,
        };
        timeout = new TimeSpan(ticks ?? 0);
        return ticks is not null;
    }

    /// <summary>In the finest unit whose digits suffice, rounded down. A time that has passed is 0.</summary>
    public static string Format(TimeSpan timeout)
    {
        long ticks = Math.Max(timeout.Ticks, 0);
        (long count, char unit) = ticks switch
        {
            _ when ticks <= MostDigits / TimeSpan.NanosecondsPerTick => (ticks * TimeSpan.NanosecondsPerTick, 'n'),
            _ when ticks / TimeSpan.TicksPerMicrosecond <= MostDigits => (ticks / TimeSpan.TicksPerMicrosecond, 'u'),
            _ when ticks / TimeSpan.TicksPerMillisecond <= MostDigits => (ticks / TimeSpan.TicksPerMillisecond, 'm'),
            _ when ticks / TimeSpan.TicksPerSecond <= MostDigits => (ticks / TimeSpan.TicksPerSecond, 'S'),
            _ when ticks / TimeSpan.TicksPerMinute <= MostDigits => (ticks / TimeSpan.TicksPerMinute, 'M'),
            _ => (Math.Min(ticks / TimeSpan.TicksPerHour, MostDigits), 'H'),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
    }
}
