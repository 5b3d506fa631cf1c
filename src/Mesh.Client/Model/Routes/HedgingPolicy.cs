namespace Mesh.Client.Model.Routes;

/// <summary>
/// When a second attempt is started beside a first that is slow (Dean and Barroso, The Tail at Scale, 2013). Only calls that may be sent
/// twice are hedged, and each hedge spends from the retry budget.
/// </summary>
/// <param name="Delay">How long the attempt before is given; the least where <paramref name="Percentile"/> is given too.</param>
/// <param name="Percentile">
/// Of response-head latencies observed, more than 0 and less than 1: what is slower is hedged. Null: the delay alone.
/// </param>
/// <param name="MaxAttempts">The first included; 2 to 5.</param>
internal sealed record HedgingPolicy(TimeSpan Delay, double? Percentile = null, int MaxAttempts = 2);
