namespace Mesh.Client.Telemetry.Status;

/// <param name="Endpoint"><c>ip:port</c>.</param>
/// <param name="Reason">Why it was picked.</param>
/// <param name="Outcome">In one word.</param>
/// <param name="Status">The HTTP or gRPC status, if there was an answer.</param>
/// <param name="Error">What the connection said, if there was none.</param>
/// <param name="DurationMilliseconds">From the pick.</param>
internal sealed record FailedAttemptStatus(
    string Endpoint, string Reason, string Outcome, int? Status, string? Error, double DurationMilliseconds);
