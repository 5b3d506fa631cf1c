using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>What is metered of the calls of one service that take one route to one backend.</summary>
internal sealed class MeteredTraffic
{
    public MeteredTraffic(string service, string route, string backend, TrafficCaps caps)
    {
        (Service, Route, Backend) = (service, route, backend);
        Calls = new(this, caps.Calls, CallTags.OfCall);
        Attempts = new(this, caps.Attempts, CallTags.OfAttempt);
        Picks = new(this, caps.Picks, CallTags.OfPick);
        Linkerd = new(() => new LinkerdTags(this, caps));
    }

    public string Service { get; }

    public string Route { get; }

    public string Backend { get; }

    /// <summary>By <see cref="CallResult.Code"/>.</summary>
    public TagSets<MeteredTraffic> Calls { get; }

    /// <summary>By <see cref="AttemptResult"/>.</summary>
    public TagSets<MeteredTraffic> Attempts { get; }

    /// <summary>By <see cref="PickReason"/>: the service's, whatever the route.</summary>
    public TagSets<MeteredTraffic> Picks { get; }

    /// <summary>Under Linkerd's names; made when they are asked for.</summary>
    public Lazy<LinkerdTags> Linkerd { get; }
}
