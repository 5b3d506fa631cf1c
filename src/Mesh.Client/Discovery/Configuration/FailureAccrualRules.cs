using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

internal static class FailureAccrualRules
{
    private static readonly Bound<FailureAccrualOptions, TimeSpan> MinPenalty =
        new(nameof(FailureAccrualOptions.MinPenalty), o => o.MinPenalty, FailureAccrualPolicy.Default.MinPenalty);

    private static readonly Bound<FailureAccrualOptions, TimeSpan> MaxPenalty =
        new(nameof(FailureAccrualOptions.MaxPenalty), o => o.MaxPenalty, FailureAccrualPolicy.Default.MaxPenalty);

    /// <param name="layers">The section itself and those that it inherits from.</param>
    public static void Validate(string path, FailureAccrualOptions?[] layers, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.AtLeast($"{path}:{nameof(own.MaxFailures)}", own.MaxFailures, 1);
        problems.Positive($"{path}:{nameof(own.MinPenalty)}", own.MinPenalty);
        problems.Positive($"{path}:{nameof(own.MaxPenalty)}", own.MaxPenalty);
        OrderRule.Validate(path, layers, MinPenalty, MaxPenalty, problems);
        problems.Range($"{path}:{nameof(own.JitterRatio)}", own.JitterRatio, 0, 1);
    }
}
