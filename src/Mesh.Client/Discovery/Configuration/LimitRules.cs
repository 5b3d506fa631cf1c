using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

internal static class LimitRules
{
    private const double MinRate = 0.001;
    private const double MaxRate = 1_000_000;
    private const int MaxBurst = 10_000_000;

    private static readonly Bound<MeshAdaptiveLimitOptions, int> MinLimit =
        new(nameof(MeshAdaptiveLimitOptions.MinLimit), o => o.MinLimit, AdaptiveLimitPolicy.Default.MinLimit);

    private static readonly Bound<MeshAdaptiveLimitOptions, int> MaxLimit =
        new(nameof(MeshAdaptiveLimitOptions.MaxLimit), o => o.MaxLimit, AdaptiveLimitPolicy.Default.MaxLimit);

    /// <param name="path">Of the section.</param>
    /// <param name="layers">The section itself and those that it inherits from.</param>
    /// <param name="isComplete">Whether nothing more specific may complete it.</param>
    /// <param name="problems">What is wrong so far.</param>
    public static void Validate(string path, MeshLimitOptions?[] layers, bool isComplete, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.AtLeast($"{path}:{nameof(own.MaxRequests)}", own.MaxRequests, 0);
        problems.AtLeast($"{path}:{nameof(own.MaxWaiting)}", own.MaxWaiting, 0);
        problems.AtLeast($"{path}:{nameof(own.MaxRequestsPerEndpoint)}", own.MaxRequestsPerEndpoint, 0);
        problems.AtLeast($"{path}:{nameof(own.MaxConnectionsPerEndpoint)}", own.MaxConnectionsPerEndpoint, 0);
        ValidateRate($"{path}:{nameof(own.Rate)}", [.. layers.Select(layer => layer?.Rate)], isComplete, problems);

        var all = new Layers<MeshLimitOptions>(layers);
        Layers<MeshAdaptiveLimitOptions> adaptive = all.Group(o => o.Adaptive);
        bool isAdaptive = all.Object(o => o.Adaptive) is not null && adaptive.Value(o => o.MaxLimit, MaxLimit.BuiltIn) != 0;
        int most = all.Value(o => o.MaxRequests, 0);
        ValidateAdaptive($"{path}:{nameof(own.Adaptive)}", [.. layers.Select(layer => layer?.Adaptive)], isAdaptive, problems);
        if (isAdaptive && most > 0 && adaptive.Value(o => o.MinLimit, MinLimit.BuiltIn) is var least && least > most)
        {
            ValidateBoth(path, own, least, most, problems);
        }

        if (isComplete && own.MaxWaiting > 0 && most == 0 && !isAdaptive)
        {
            problems.Add(
                $"{path}:{nameof(own.MaxWaiting)}",
                $"there is nothing to wait for: set {nameof(own.MaxRequests)} or {nameof(own.Adaptive)} too");
        }
    }

    /// <summary>The lesser of the two limits holds, so the adaptive one would stand still.</summary>
    private static void ValidateBoth(string path, MeshLimitOptions own, int least, int most, Problems problems)
    {
        string? at = own.Adaptive?.MinLimit is not null ? $"{nameof(own.Adaptive)}:{nameof(own.Adaptive.MinLimit)}"
            : own.MaxRequests is not null ? nameof(own.MaxRequests)
            : own.Adaptive is not null ? nameof(own.Adaptive)
            : null;
        if (at is not null)
        {
            problems.Add($"{path}:{at}", $"{nameof(own.Adaptive.MinLimit)}, {least}, is above {nameof(own.MaxRequests)}, {most}");
        }
    }

    private static void ValidateRate(string path, MeshRateLimitOptions?[] layers, bool isComplete, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        if (own.PermitsPerSecond != 0)
        {
            problems.Range($"{path}:{nameof(own.PermitsPerSecond)}", own.PermitsPerSecond, MinRate, MaxRate);
        }

        problems.Range($"{path}:{nameof(own.Burst)}", own.Burst, 1, MaxBurst);
        if (isComplete && Array.TrueForAll(layers, layer => layer?.PermitsPerSecond is null))
        {
            problems.Add(path, $"{nameof(own.PermitsPerSecond)} is not set");
        }
    }

    private static void ValidateAdaptive(string path, MeshAdaptiveLimitOptions?[] layers, bool isAdaptive, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.AtLeast($"{path}:{nameof(own.MinLimit)}", own.MinLimit, 1);
        problems.AtLeast($"{path}:{nameof(own.MaxLimit)}", own.MaxLimit, 0);
        problems.AtLeast($"{path}:{nameof(own.InitialLimit)}", own.InitialLimit, 1);
        if (!isAdaptive)
        {
            return;
        }

        OrderRule.Validate(path, layers, MinLimit, MaxLimit, problems);

        // Where nobody says where to begin, the beginning gives way to the bounds.
        if (Array.Find(layers, layer => layer?.InitialLimit is not null) is { InitialLimit: { } given })
        {
            var initial = new Bound<MeshAdaptiveLimitOptions, int>(nameof(own.InitialLimit), o => o.InitialLimit, given);
            OrderRule.Validate(path, layers, MinLimit, initial, problems);
            OrderRule.Validate(path, layers, initial, MaxLimit, problems);
        }
    }
}
