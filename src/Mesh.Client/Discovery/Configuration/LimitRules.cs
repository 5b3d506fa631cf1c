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

    /// <param name="layers">The section itself and those that it inherits from.</param>
    public static void Validate(string path, MeshLimitOptions?[] layers, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.AtLeast($"{path}:{nameof(own.MaxRequests)}", own.MaxRequests, 1);
        problems.AtLeast($"{path}:{nameof(own.MaxWaiting)}", own.MaxWaiting, 0);
        problems.AtLeast($"{path}:{nameof(own.MaxRequestsPerEndpoint)}", own.MaxRequestsPerEndpoint, 1);
        problems.AtLeast($"{path}:{nameof(own.MaxConnectionsPerEndpoint)}", own.MaxConnectionsPerEndpoint, 1);
        ValidateRate($"{path}:{nameof(own.Rate)}", [.. layers.Select(layer => layer?.Rate)], problems);
        ValidateAdaptive($"{path}:{nameof(own.Adaptive)}", layers, problems);

        var all = new Layers<MeshLimitOptions>(layers);
        if (own.MaxWaiting > 0 && all.Value(o => o.MaxRequests, 0) == 0 && all.Object(o => o.Adaptive) is null)
        {
            problems.Add(
                $"{path}:{nameof(own.MaxWaiting)}",
                $"there is nothing to wait for: set {nameof(own.MaxRequests)} or {nameof(own.Adaptive)} too");
        }
    }

    private static void ValidateRate(string path, MeshRateLimitOptions?[] layers, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.Range($"{path}:{nameof(own.PermitsPerSecond)}", own.PermitsPerSecond, MinRate, MaxRate);
        problems.Range($"{path}:{nameof(own.Burst)}", own.Burst, 1, MaxBurst);
        if (Array.TrueForAll(layers, layer => layer?.PermitsPerSecond is null))
        {
            problems.Add(path, $"{nameof(own.PermitsPerSecond)} is not set");
        }
    }

    private static void ValidateAdaptive(string path, MeshLimitOptions?[] limits, Problems problems)
    {
        MeshAdaptiveLimitOptions?[] layers = [.. limits.Select(layer => layer?.Adaptive)];
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.AtLeast($"{path}:{nameof(own.MinLimit)}", own.MinLimit, 1);
        problems.AtLeast($"{path}:{nameof(own.MaxLimit)}", own.MaxLimit, 1);
        problems.AtLeast($"{path}:{nameof(own.InitialLimit)}", own.InitialLimit, 1);
        OrderRule.Validate(path, layers, MinLimit, MaxLimit, problems);

        // Where nobody says where to begin, the beginning gives way to the bounds.
        if (Array.Find(layers, layer => layer?.InitialLimit is not null) is { InitialLimit: { } given })
        {
            var initial = new Bound<MeshAdaptiveLimitOptions, int>(nameof(own.InitialLimit), o => o.InitialLimit, given);
            OrderRule.Validate(path, layers, MinLimit, initial, problems);
            OrderRule.Validate(path, layers, initial, MaxLimit, problems);
        }

        // The lesser of the two limits holds, so the adaptive one would stand still.
        var all = new Layers<MeshLimitOptions>(limits);
        int most = all.Value(o => o.MaxRequests, int.MaxValue);
        if (own.MinLimit > most)
        {
            problems.Add(
                $"{path}:{nameof(own.MinLimit)}",
                $"{nameof(own.MinLimit)}, {own.MinLimit}, is above {nameof(MeshLimitOptions.MaxRequests)}, {most}");
        }
    }
}
