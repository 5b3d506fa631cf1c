namespace Mesh.Client.Telemetry.Metering;

/// <summary>The caps of those instruments that measure every call.</summary>
internal sealed class TrafficCaps(int most = AttributeCap.Default)
{
    /// <summary>For traffic beyond the cap: all of it is overflow.</summary>
    public static readonly TrafficCaps None = new(0);

    public AttributeCap Calls { get; } = new(most);

    public AttributeCap Attempts { get; } = new(most);

    public AttributeCap Picks { get; } = new(most);

    /// <summary>One for all instruments under Linkerd's names, each of which has no more than it.</summary>
    public AttributeCap Linkerd { get; } = new(most);
}
