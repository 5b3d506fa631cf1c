namespace Mesh.Client;

/// <summary>What the mesh did for one call.</summary>
public sealed record MeshCallInfo
{
    /// <summary>The service's canonical name and port.</summary>
    public required string Service { get; init; }

    /// <summary>The route that the call took; <c>default</c> where none is configured.</summary>
    public required string Route { get; init; }

    /// <summary>The backend whose endpoints were picked from: the name and port of a service.</summary>
    public required string Backend { get; init; }

    /// <summary>
    /// What answered in place of an endpoint: <c>redirect</c> or <c>fault</c>, a filter of the route. Null: an endpoint did, or nothing.
    /// </summary>
    public string? AnsweredBy { get; init; }

    /// <summary>Every try in order; the last is the one that answered.</summary>
    public required IReadOnlyList<MeshAttempt> Attempts { get; init; }

    /// <summary>From the call's start to its last response headers or failure, waiting and backoff included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Tries after the first that reached an endpoint.</summary>
    public int Retries => Math.Max(0, Attempts.Count(attempt => attempt.Outcome != AttemptResult.ConnectFailure) - 1);
}
