using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>When endpoints are shut. What makes no sense shuts none.</summary>
internal static class FailureAccrualReader
{
    private const uint MaxMinRequests = 1_000_000;
    private const double BasisPoints = 10_000;
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(10);

    public static FailureAccrualPolicy Read(Protocol.FailureAccrual? wire, string place, PolicyScope scope)
    {
        try
        {
            switch (wire?.KindCase)
            {
                case null:
                    return FailureAccrualPolicy.Off;
                case Protocol.FailureAccrual.KindOneofCase.ConsecutiveFailures:
                    return Consecutive(wire.ConsecutiveFailures, $"{place}.consecutive_failures");
                case Protocol.FailureAccrual.KindOneofCase.Unified:
                    return Unified(wire.Unified, $"{place}.unified");
                default:
                    throw new UnreadablePartException(place, "it is of a kind that is not known");
            }
        }
        catch (UnreadablePartException e)
        {
            scope.Report($"{e.Message}; no endpoint is shut for its failures");
            return FailureAccrualPolicy.Off;
        }
    }

    private static FailureAccrualPolicy Consecutive(Protocol.FailureAccrual.Types.ConsecutiveFailures wire, string place) =>
        wire.MaxFailures == 0
            ? throw new UnreadablePartException($"{place}.max_failures", "it is 0")
            : Shut(wire.Backoff, place) with { MaxFailures = (int)Math.Min(wire.MaxFailures, int.MaxValue) };

    private static FailureAccrualPolicy Unified(Protocol.FailureAccrual.Types.Unified wire, string place)
    {
        if (!(wire.SuccessRateThreshold is >= 0 and <= 1))
        {
            throw new UnreadablePartException($"{place}.success_rate_threshold", "it is not 0 to 1");
        }

        if (wire.MinRequests > MaxMinRequests)
        {
            throw new UnreadablePartException($"{place}.min_requests", $"{wire.MinRequests} is more than {MaxMinRequests}");
        }

        TimeSpan window = DefaultWindow;
        if (wire.Decay is { } decay && (!WireDurations.TryRead(decay, out window) || window < ShortestWindow))
        {
            throw new UnreadablePartException($"{place}.decay", "it is less than 10 ms");
        }

        double threshold = Math.Round(wire.SuccessRateThreshold * BasisPoints, MidpointRounding.AwayFromZero) / BasisPoints;
        return Shut(wire.Backoff, place) with
        {
            // None in a row is none that counts by itself.
            MaxFailures = wire.MaxConsecutiveFailures is 0 or > int.MaxValue ? int.MaxValue : (int)wire.MaxConsecutiveFailures,
            SuccessRate = new SuccessRatePolicy(threshold, window, (int)Math.Max(wire.MinRequests, 1)),
        };
    }

    private static FailureAccrualPolicy Shut(Protocol.ExponentialBackoff? wire, string place)
    {
        (TimeSpan min, TimeSpan max, double jitter) =
            WireBackoff.Read(wire ?? throw new UnreadablePartException($"{place}.backoff", "it is missing"), $"{place}.backoff");
        return new FailureAccrualPolicy { MinPenalty = min, MaxPenalty = max, JitterRatio = jitter };
    }
}
