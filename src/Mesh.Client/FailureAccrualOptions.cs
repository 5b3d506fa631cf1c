namespace Mesh.Client;

/// <summary>
/// When an endpoint that fails is shut: after so many failures in a row, for a time that doubles with each failed probe.
/// What is null is decided elsewhere.
/// </summary>
public sealed class FailureAccrualOptions
{
    /// <summary>Whether endpoints are shut for failing at all. Built in: true.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Failures in a row that shut an endpoint; at least 1. Built in: 7.</summary>
    public int? MaxFailures { get; set; }

    /// <summary>How long it is shut the first time; more than zero and not above <see cref="MaxPenalty"/>. Built in: 1 s.</summary>
    public TimeSpan? MinPenalty { get; set; }

    /// <summary>How long it is shut at most; more than zero. Built in: 60 s.</summary>
    public TimeSpan? MaxPenalty { get; set; }

    /// <summary>Up to this share of the time is added at random; 0 to 1. Built in: 0.5.</summary>
    public double? JitterRatio { get; set; }
}
