namespace Mesh.Client;

/// <summary>One try of a call on one endpoint.</summary>
public sealed record MeshAttempt
{
    /// <summary>The endpoint's address, <c>ip:port</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Why this endpoint was picked.</summary>
    public required PickReason Reason { get; init; }

    /// <summary>
    /// What the application's own balancer said of the pick, or what was wrong with the balancer when another had to pick; otherwise null.
    /// </summary>
    public string? ReasonText { get; init; }

    /// <summary>
    /// What became of it. <see cref="AttemptResult.ConnectFailure"/> means that nothing was sent: such an entry is told here but counts
    /// neither as an attempt nor against the retry budget.
    /// </summary>
    public required AttemptResult Outcome { get; init; }

    /// <summary>
    /// Whom the endpoint had to prove to be: the DNS name or URI that its certificate carries. An attempt that was answered was answered by
    /// it. Null for an endpoint without mutual TLS.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>The HTTP status, or the gRPC status of a gRPC call; null when there was no answer.</summary>
    public int? Status { get; init; }

    /// <summary>From the pick to the response's headers, or to the failure.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What the connection said when there was no answer.</summary>
    public string? Error { get; init; }
}
