using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Stub: l1's stands over it.</summary>
internal static class OutboundPolicyReader
{
    public static TrafficPolicy Read(OutboundPolicy wire, ServiceName service, Func<string, ServiceName?> backend) => new()
    {
        FailureAccrual = (wire.Protocol?.Detect?.Http1 ?? wire.Protocol?.Http1)?.FailureAccrual?.ConsecutiveFailures is { } failures
            ? FailureAccrualPolicy.Default with { MaxFailures = (int)failures.MaxFailures }
            : FailureAccrualPolicy.Off,
        Retry = RetryPolicy.Default with { MaxRetries = 0 },
        Problems = wire.Protocol is null ? ["protocol: it is missing"] : [],
    };
}
