using System.Globalization;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary><c>balancer.linkerd.io/failure-accrual*</c> of a Service, with Linkerd's defaults.</summary>
internal static class FailureAccrualAnnotations
{
    private const string Mode = "balancer.linkerd.io/failure-accrual";
    private const string Consecutive = "balancer.linkerd.io/failure-accrual-consecutive-";
    private const string Rate = "balancer.alpha.linkerd.io/failure-accrual-success-rate-";
    private const double DefaultThreshold = 0.8;
    private const int DefaultMinRequests = 5;
    private const int MaxMinRequests = 1_000_000;
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(10);

    /// <summary>Null: nothing is said.</summary>
    public static FailureAccrualPolicy? Read(ObjectAnnotations annotations)
    {
        switch (annotations[Mode])
        {
            case null:
                return null;
            case "consecutive":
                return Penalties(annotations) with { MaxFailures = Failures(annotations, least: 1) };
            case "unified":
                int failures = Failures(annotations, least: 0);
                return Penalties(annotations) with
                {
                    MaxFailures = failures == 0 ? int.MaxValue : failures,
                    SuccessRate = SuccessRate(annotations),
                };
            default:
                annotations.Report(Mode, $"'{annotations[Mode]}' is neither consecutive nor unified");
                return null;
        }
    }

    private static int Failures(ObjectAnnotations annotations, int least) =>
        annotations.Value<int>(
            Consecutive + "max-failures", text => Number(text) is { } n && n >= least ? n : null, $"a number from {least}")
        ?? FailureAccrualPolicy.Default.MaxFailures;

    private static FailureAccrualPolicy Penalties(ObjectAnnotations annotations)
    {
        FailureAccrualPolicy builtIn = FailureAccrualPolicy.Default;
        TimeSpan min = annotations.Duration(Consecutive + "min-penalty") ?? builtIn.MinPenalty;
        TimeSpan max = annotations.Duration(Consecutive + "max-penalty") ?? builtIn.MaxPenalty;
        if (max == TimeSpan.Zero || min > max)
        {
            annotations.Report(
                max == TimeSpan.Zero ? Consecutive + "max-penalty" : Consecutive + "min-penalty",
                max == TimeSpan.Zero ? "it is 0" : $"{min} is more than the greatest penalty, {max}");
            (min, max) = (builtIn.MinPenalty, builtIn.MaxPenalty);
        }

        double? jitter = annotations.Value(Consecutive + "jitter-ratio", text => Fraction(text, most: 100), "0 to 100");
        return builtIn with { MinPenalty = min, MaxPenalty = max, JitterRatio = Math.Min(jitter ?? builtIn.JitterRatio, 1) };
    }

    // Null: its threshold switches it off.
    private static SuccessRatePolicy? SuccessRate(ObjectAnnotations annotations)
    {
        double threshold = annotations.Value(Rate + "threshold", text => Fraction(text, most: 1), "0 to 1") ?? DefaultThreshold;
        TimeSpan? window = annotations.Duration(Rate + "window");
        if (window < ShortestWindow)
        {
            annotations.Report(Rate + "window", "it is less than 10 ms");
            window = null;
        }

        int? requests = annotations.Value<int>(
            Rate + "min-requests", text => Number(text) is { } n && n <= MaxMinRequests ? n : null, $"a number up to {MaxMinRequests}");
        return threshold == 0 ? null
            : new SuccessRatePolicy(threshold, window ?? DefaultWindow, Math.Max(requests ?? DefaultMinRequests, 1));
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static double? Fraction(string text, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0 && number <= most
            ? number
            : null;
}
