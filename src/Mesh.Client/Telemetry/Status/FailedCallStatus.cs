namespace Mesh.Client.Telemetry.Status;

/// <summary>A call that failed, as a story: what it wanted, where it was tried and why there, what each said, how it ended.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Service">Canonical name and port.</param>
/// <param name="Route">Its name.</param>
/// <param name="Method">As in <c>GET</c>.</param>
/// <param name="Path">Without the query, which may hold secrets; a word instead where paths are hidden.</param>
/// <param name="Ending">In one word: a status, <c>timeout</c>, <c>no_endpoint</c>.</param>
/// <param name="Story">The same in a sentence for people.</param>
/// <param name="DurationMilliseconds">From its start.</param>
/// <param name="Attempts">In order.</param>
internal sealed record FailedCallStatus(
    DateTimeOffset At,
    string Service,
    string Route,
    string Method,
    string Path,
    string Ending,
    string Story,
    double DurationMilliseconds,
    IReadOnlyList<FailedAttemptStatus> Attempts);
