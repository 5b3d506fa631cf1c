using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Resilience;

/// <summary>How one attempt ended, with the status it was answered with.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="StatusCode">The HTTP status for <see cref="AttemptResult.HttpStatus"/>, the gRPC status for
/// <see cref="AttemptResult.GrpcStatus"/>, the <see cref="TimeoutKind"/> for <see cref="AttemptResult.Timeout"/>, without meaning
/// otherwise.</param>
internal readonly record struct AttemptOutcome(AttemptResult Kind, int StatusCode = 0)
{
    /// <summary>The time for a try that another may follow ran out.</summary>
    public static readonly AttemptOutcome OutOfTry = new(AttemptResult.Timeout, (int)TimeoutKind.Try);

    /// <summary>gRPC's UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, INTERNAL, UNAVAILABLE and DATA_LOSS.</summary>
    private const int GrpcFailures = (1 << 2) | (1 << 4) | (1 << 7) | (1 << 13) | (1 << 14) | (1 << 15);

    /// <summary>
    /// What the endpoint's failure accrual is told, by Linkerd's classes: 5xx, the gRPC statuses 2, 4, 7, 13, 14, 15 and broken
    /// transport are failures. Null, which decides nothing, is what the caller cancelled and a connection that was not made:
    /// the latter is the connection health's.
    /// </summary>
    public bool? IsFailure => Kind switch
    {
        AttemptResult.Success => false,
        AttemptResult.HttpStatus => StatusCode is >= 500 and <= 599,
        AttemptResult.GrpcStatus => StatusCode is >= 0 and <= 16 && (GrpcFailures & (1 << StatusCode)) != 0,
        AttemptResult.Refused or AttemptResult.Reset or AttemptResult.Timeout => true,
        _ => null,
    };

    /// <summary>The endpoint said that it gets too much: 429, or gRPC's RESOURCE_EXHAUSTED.</summary>
    public bool IsOverload => Kind switch
    {
        AttemptResult.HttpStatus => StatusCode == 429,
        AttemptResult.GrpcStatus => StatusCode == 8,
        _ => false,
    };

    /// <summary>
    /// An answer that peak EWMA with a penalty counts as slow, by Linkerd's classes: 429, 5xx, and gRPC's 2, 4, 8, 13, 14 and 15.
    /// </summary>
    public bool IsPenalized => Kind switch
    {
        AttemptResult.HttpStatus => StatusCode is 429 or (>= 500 and <= 599),
        AttemptResult.GrpcStatus => StatusCode is 2 or 4 or 8 or 13 or 14 or 15,
        _ => false,
    };
}
