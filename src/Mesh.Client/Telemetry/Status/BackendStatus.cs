namespace Mesh.Client.Telemetry.Status;

/// <summary>One side of a split.</summary>
/// <param name="Service">Canonical name and port.</param>
/// <param name="Weight">Relative to its siblings.</param>
/// <param name="WantedShare">The share of calls that its weight means, from 0 to 1.</param>
/// <param name="LiveShare">The share of the last minute's calls that it had; null without any, and for sides of one service.</param>
/// <param name="Traffic">Of calls that ended there: of one service's sides together.</param>
internal sealed record BackendStatus(string Service, int Weight, double WantedShare, double? LiveShare, TrafficStatus Traffic)
{
    /// <summary>Its own in the route: the service, and of a second side of that <c>#2</c>.</summary>
    public string Key { get; init; } = Service;
}
