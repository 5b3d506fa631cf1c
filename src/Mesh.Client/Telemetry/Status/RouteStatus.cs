namespace Mesh.Client.Telemetry.Status;

/// <summary>One route of a service; <c>default</c> where none is configured.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Match">In words: <c>GET /items/*</c>.</param>
/// <param name="Filters">In words, in order.</param>
/// <param name="Settings">Timeouts, retries and the like, as far as they are set, by their configuration names.</param>
/// <param name="Backends">Where its calls go.</param>
/// <param name="Traffic">Its own.</param>
internal sealed record RouteStatus(
    string Name,
    string Match,
    IReadOnlyList<string> Filters,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<BackendStatus> Backends,
    TrafficStatus Traffic)
{
    /// <summary>How many backends <see cref="Backends"/> leaves out, the last ones.</summary>
    public int BackendsOmitted { get; init; }
}
