namespace Mesh.Client;

/// <summary>What the mesh did for one call.</summary>
/// <param name="Service">The service's canonical name and port.</param>
/// <param name="Route">The route that the call took; <c>default</c> where none is configured.</param>
/// <param name="Backend">The backend whose endpoints were picked from.</param>
/// <param name="Attempts">Every try in order, the last is the one that answered.</param>
/// <param name="Duration">From the call's start to its last response headers or failure, waiting and backoff included.</param>
public sealed record MeshCallInfo(string Service, string Route, string Backend, IReadOnlyList<MeshAttempt> Attempts, TimeSpan Duration)
{
    /// <summary>Tries after the first that reached an endpoint.</summary>
    public int Retries => Math.Max(0, Attempts.Count(attempt => attempt.Outcome != AttemptResult.ConnectFailure) - 1);
}
