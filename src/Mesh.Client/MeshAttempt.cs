namespace Mesh.Client;

/// <summary>One try of a call on one endpoint.</summary>
/// <param name="Endpoint">The endpoint's address, <c>ip:port</c>.</param>
/// <param name="Reason">Why this endpoint was picked.</param>
/// <param name="Outcome">
/// What became of it. <see cref="AttemptResult.ConnectFailure"/> means that nothing was sent: such an entry is told here but counts
/// neither as an attempt nor against the retry budget.
/// </param>
/// <param name="Status">The HTTP status, or the gRPC status of a gRPC call; null when there was no answer.</param>
/// <param name="Duration">From the pick to the response's headers, or to the failure.</param>
/// <param name="Error">What the connection said when there was no answer.</param>
public sealed record MeshAttempt(string Endpoint, PickReason Reason, AttemptResult Outcome, int? Status, TimeSpan Duration, string? Error);
