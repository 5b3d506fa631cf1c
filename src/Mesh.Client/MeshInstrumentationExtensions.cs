using Mesh.Client.Telemetry;

namespace OpenTelemetry.Metrics;

/// <summary>Mesh.Client's metrics for OpenTelemetry.</summary>
public static class MeshInstrumentationExtensions
{
    /// <summary>
    /// Collects the meters <c>Mesh.Client</c>, <c>Mesh.Client.Linkerd</c> where that is turned on, and, of a server,
    /// <c>Mesh.Client.AspNetCore</c>.
    /// </summary>
    public static MeterProviderBuilder AddMeshClientInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(MeshMetrics.MeterName, MeshMetrics.LinkerdMeterName, MeshMetrics.ServerMeterName);
    }
}
