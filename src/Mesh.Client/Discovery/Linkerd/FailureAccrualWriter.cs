using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Writes when endpoints are shut. Null: never.</summary>
internal static class FailureAccrualWriter
{
    public static Protocol.FailureAccrual? Write(FailureAccrualPolicy policy)
    {
        if (policy == FailureAccrualPolicy.Off)
        {
            return null;
        }

        Protocol.ExponentialBackoff backoff = WireBackoff.Write(policy.MinPenalty, policy.MaxPenalty, policy.JitterRatio);
        return policy.SuccessRate is { } rate
            ? new Protocol.FailureAccrual
            {
                Unified = new()
                {
                    SuccessRateThreshold = rate.Threshold,
                    Decay = WireDurations.Write(rate.Window),
                    MinRequests = (uint)rate.MinRequests,
                    MaxConsecutiveFailures = (uint)policy.MaxFailures,
                    Backoff = backoff,
                },
            }
            : new Protocol.FailureAccrual
            {
                ConsecutiveFailures = new() { MaxFailures = (uint)policy.MaxFailures, Backoff = backoff },
            };
    }
}
