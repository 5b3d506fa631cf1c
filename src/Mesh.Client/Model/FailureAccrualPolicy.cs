namespace Mesh.Client.Model;

/// <summary>Linkerd's consecutive-failures circuit breaker, per endpoint.</summary>
internal sealed record FailureAccrualPolicy
{
    public static readonly FailureAccrualPolicy Default = new();

    /// <summary>Never shuts an endpoint.</summary>
    public static readonly FailureAccrualPolicy Off = new() { MaxFailures = int.MaxValue };

    /// <summary>Beside failures in a row; null: those alone.</summary>
    public SuccessRatePolicy? SuccessRate { get; init; }

    /// <summary>Failures in a row that shut an endpoint; at least 1.</summary>
    public int MaxFailures { get; init; } = 7;

    /// <summary>How long it is shut the first time; doubles with each failed probe.</summary>
    public TimeSpan MinPenalty { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxPenalty { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Up to this share of the penalty is added at random; 0 to 1.</summary>
    public double JitterRatio { get; init; } = 0.5;
}
