namespace Mesh.Client.Telemetry.Metering;

/// <summary>
/// How many attribute sets one instrument may have: names come from outside, and there is no end of them. What comes beyond is measured
/// as one, under the attribute that OpenTelemetry has for that.
/// </summary>
internal sealed class AttributeCap(int most = AttributeCap.Default)
{
    /// <summary>That of OpenTelemetry's SDK.</summary>
    public const int Default = 2000;

    /// <summary>Of identities that call this process.</summary>
    public const int Peers = 200;

    private static readonly KeyValuePair<string, object?>[] Beyond = [new("otel.metric.overflow", true)];

    private int _count;

    /// <summary>The attributes of all that comes beyond a cap.</summary>
    public static ReadOnlySpan<KeyValuePair<string, object?>> Overflow => Beyond;

    /// <summary>Whether there is no room, nor ever will be: what is new needs no lock to hear that.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= most;

    /// <summary>Takes room for one more. False: there is none, and never will be.</summary>
    public bool TryTake() => !IsFull && Interlocked.Increment(ref _count) <= most;
}
