namespace Mesh.Client;

/// <summary>
/// When a further attempt is started beside one that is slow (gRPC's hedging; Dean and Barroso, The Tail at Scale, 2013). The first good
/// answer wins. Only calls that may be sent twice are hedged, and each hedge spends from the retry budget. What is null is decided
/// elsewhere.
/// </summary>
public sealed class MeshHedgingOptions
{
    /// <summary>
    /// How long the attempt before is given, 1 ms to 30 days; the least where <see cref="Percentile"/> is given too. Built in: none, it
    /// must be given somewhere.
    /// </summary>
    public TimeSpan? Delay { get; set; }

    /// <summary>
    /// Of the response-head latencies observed, more than 0 and less than 1: what takes longer than this share of them is hedged.
    /// 0: the delay alone, also where a less specific place says otherwise. Built in: none, the delay alone.
    /// </summary>
    public double? Percentile { get; set; }

    /// <summary>The first included, 1 to 5; 1 switches hedging off. Built in: 2.</summary>
    public int? MaxAttempts { get; set; }
}
