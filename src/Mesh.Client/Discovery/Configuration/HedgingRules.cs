namespace Mesh.Client.Discovery.Configuration;

internal static class HedgingRules
{
    private const int MostAttempts = 5;

    /// <param name="path">Of the section.</param>
    /// <param name="layers">The section itself and those that it inherits from.</param>
    /// <param name="isComplete">Whether nothing more specific may complete it.</param>
    /// <param name="problems">What is wrong so far.</param>
    public static void Validate(string path, MeshHedgingOptions?[] layers, bool isComplete, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.Range($"{path}:{nameof(own.Delay)}", own.Delay, TimeoutRules.Shortest, TimeoutRules.Longest);
        problems.Range($"{path}:{nameof(own.MaxAttempts)}", own.MaxAttempts, 1, MostAttempts);
        if (own.Percentile is { } percentile && !(percentile >= 0 && percentile < 1))
        {
            problems.Add(
                $"{path}:{nameof(own.Percentile)}",
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{percentile} is not between 0 and 1, such as 0.95"));
        }

        var all = new Layers<MeshHedgingOptions>(layers);
        if (isComplete && all.Value(o => o.MaxAttempts, 2) > 1 && all.Value(o => o.Delay, TimeSpan.MaxValue) == TimeSpan.MaxValue)
        {
            problems.Add($"{path}:{nameof(own.Delay)}", "missing; say how long the first attempt is given, such as 00:00:00.100");
        }
    }
}
