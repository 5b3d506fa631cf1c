namespace Mesh.Client.Model;

/// <summary>Makes an endpoint that fails or sheds load look slow (Linkerd's PenaltyPeakEwma).</summary>
/// <param name="Latency">What a failure is taken to have taken, at least.</param>
/// <param name="MaxRetryAfter">What a server may ask for, at most (Retry-After, grpc-retry-pushback-ms).</param>
internal sealed record EwmaPenalty(TimeSpan Latency, TimeSpan MaxRetryAfter)
{
    /// <summary>Linkerd's.</summary>
    public static readonly EwmaPenalty Default = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(300));
}
