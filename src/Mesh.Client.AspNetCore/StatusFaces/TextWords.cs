using System.Globalization;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Values as the cells of a table show them: short, and the same everywhere.</summary>
internal static class TextWords
{
    public const string None = "-";

    public static string Number(double value) => value switch
    {
        0 => "0",
        < 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0", CultureInfo.InvariantCulture),
    };

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Milliseconds(double? value) => value is { } time ? $"{Number(time)}ms" : None;

    /// <summary>Never rounded up to all.</summary>
    public static string Percent(double? ratio) => ratio is not { } value ? None
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value * 10_000) / 100:0.##}%");

    public static string Share(double? ratio) => ratio is not { } value ? None
        : string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.##}%");

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "over",
        { TotalMinutes: < 2 } => $"{(int)time.TotalSeconds}s",
        { TotalHours: < 2 } => $"{(int)time.TotalMinutes}m",
        { TotalDays: < 2 } => $"{(int)time.TotalHours}h",
        _ => $"{(int)time.TotalDays}d",
    };

    /// <summary>So many characters at most.</summary>
    public static string Cut(string? text, int most) =>
        text is null || text.Length == 0 ? None : text.Length <= most ? text : $"{text.AsSpan(0, most - 1)}…";

    /// <summary>Without what moves a terminal's cursor or looks like a line of its own.</summary>
    public static string Plain(string? text) => text is null ? string.Empty
        : !text.Any(char.IsControl) ? text
        : string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    public static string Counts<T>(IReadOnlyDictionary<string, T> counts) => counts.Count == 0
        ? None
        : string.Join(", ", counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}"));

    public static string Ready(ServiceStatus service) =>
        $"{service.EndpointStates.GetValueOrDefault("available")}/{service.EndpointStates.Values.Sum()}";
}
