namespace Mesh.Client.Telemetry.Metering;

/// <summary>The caps of those instruments that measure every call.</summary>
internal sealed class TrafficCaps(int most = AttributeCap.Default)
{
    /// <summary>For traffic beyond the cap: all of it is overflow.</summary>
    public static readonly TrafficCaps None = new(0);

    public AttributeCap Calls { get; } = new(most);

    public AttributeCap Attempts { get; } = new(most);

    public AttributeCap Picks { get; } = new(most);

    /// <summary>One for all instruments of routes under Linkerd's names, each of which has no more than it.</summary>
    public AttributeCap Linkerd { get; } = new(most);

    /// <summary>The same for those of requests and connections to endpoints.</summary>
    public AttributeCap LinkerdPeers { get; } = new(most);

    /// <summary>The same for those of the routes of profiles.</summary>
    public AttributeCap LinkerdProfiles { get; } = new(most);

    /// <summary>The same for those of balancers.</summary>
    public AttributeCap LinkerdQueues { get; } = new(most);
}
