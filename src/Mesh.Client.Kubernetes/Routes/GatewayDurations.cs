using System.Globalization;
using System.Text.RegularExpressions;
using Mesh.Client.Discovery.Linkerd;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>Durations as GEP-2257 writes them: <c>10s</c>, <c>1h30m</c>, <c>500ms</c>.</summary>
internal static partial class GatewayDurations
{
    /// <summary>Null: none is given. Zero is one: it says that there is no limit.</summary>
    /// <exception cref="UnreadablePartException">It is no duration.</exception>
    public static TimeSpan? Read(string? text, string place)
    {
        if (text is null)
        {
            return null;
        }

        Match match = Form().Match(text);
        if (!match.Success)
        {
            throw new UnreadablePartException(place, $"'{text}' is no duration such as 10s, 1h30m or 500ms");
        }

        long ticks = 0;
        for (int i = 0; i < match.Groups[1].Captures.Count; i++)
        {
            int number = int.Parse(match.Groups[1].Captures[i].ValueSpan, CultureInfo.InvariantCulture);
            ticks += number * UnitOf(match.Groups[2].Captures[i].ValueSpan);
        }

        return TimeSpan.FromTicks(ticks);
    }

    private static long UnitOf(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        _ => TimeSpan.TicksPerMillisecond,
    };

    [GeneratedRegex(@"\A(?:([0-9]{1,5})(h|ms|m|s)){1,4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
