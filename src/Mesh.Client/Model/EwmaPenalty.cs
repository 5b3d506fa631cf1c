namespace Mesh.Client.Model;

/// <summary>Makes an endpoint that fails or sheds load look slow (Linkerd's PenaltyPeakEwma).</summary>
/// <param name="Latency">What a failure is taken to have taken, at least.</param>
/// <param name="MaxRetryAfter">What a server may ask for, at most (Retry-After, grpc-retry-pushback-ms).</param>
internal sealed record EwmaPenalty(TimeSpan Latency, TimeSpan MaxRetryAfter)
{
    /// <summary>Linkerd's.</summary>
    public static readonly EwmaPenalty Default = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(300));

    /// <summary>What a failure counts as.</summary>
    /// <param name="latency">What it took.</param>
    /// <param name="asked">How long the server asked to be left alone.</param>
    public TimeSpan Of(TimeSpan latency, TimeSpan asked)
    {
        TimeSpan hint = asked < MaxRetryAfter ? asked : MaxRetryAfter;
        TimeSpan least = Latency > hint ? Latency : hint;
        return latency > least ? latency : least;
    }
}
