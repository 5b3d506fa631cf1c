using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop;

/// <summary>When callers may come.</summary>
internal static class Readiness
{
    /// <summary>Callers expect an identity here, so a server without its first certificate, which is only degraded, is not ready.</summary>
    public static HealthCheckOptions WithCertificate => new()
    {
        ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
    };
}
