using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>How a backend weighs latency, and how calls wait for its endpoints. What makes no sense is as if it were not said.</summary>
internal static class LoadReader
{
    /// <summary>Linkerd's, where zero is said.</summary>
    private static readonly TimeSpan ShortestDecay = TimeSpan.FromMilliseconds(1);

    public static EwmaPolicy? Ewma(Protocol.BalanceP2c? wire) => wire?.LoadCase switch
    {
        Protocol.BalanceP2c.LoadOneofCase.PeakEwma => new EwmaPolicy(Rtt(wire.PeakEwma.DefaultRtt), Decay(wire.PeakEwma.Decay)),
        Protocol.BalanceP2c.LoadOneofCase.PenaltyPeakEwma => new EwmaPolicy(
            Rtt(wire.PenaltyPeakEwma.DefaultRtt),
            Decay(wire.PenaltyPeakEwma.Decay),
            new EwmaPenalty(
                Length(wire.PenaltyPeakEwma.Penalty) ?? EwmaPenalty.Default.Latency,
                Length(wire.PenaltyPeakEwma.MaxRetryAfter) ?? EwmaPenalty.Default.MaxRetryAfter)),
        _ => null,
    };

    /// <summary>
    /// Null where no time is said. Controllers always say a capacity of 100, which Linkerd's proxies read and do not apply to HTTP: neither
    /// is it here.
    /// </summary>
    public static WaitPolicy? Wait(Protocol.Queue? wire) =>
        Length(wire?.FailfastTimeout) is { } timeout ? WaitPolicy.Default with { Timeout = timeout } : null;

    private static TimeSpan Rtt(Duration? wire) => Length(wire) ?? EwmaPolicy.Default.DefaultRtt;

    private static TimeSpan Decay(Duration? wire) =>
        wire is null ? EwmaPolicy.Default.Decay : Length(wire) is { } length && length > ShortestDecay ? length : ShortestDecay;

    private static TimeSpan? Length(Duration? wire) =>
        wire is not null && WireDurations.TryRead(wire, out TimeSpan length) && length > TimeSpan.Zero ? length : null;
}
