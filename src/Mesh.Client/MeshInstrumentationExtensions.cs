using Mesh.Client.Telemetry;

namespace OpenTelemetry.Metrics;

/// <summary>Mesh.Client's metrics for OpenTelemetry.</summary>
public static class MeshInstrumentationExtensions
{
    /// <summary>Collects the meters <c>Mesh.Client</c> and, of a server, <c>Mesh.Client.AspNetCore</c>.</summary>
    public static MeterProviderBuilder AddMeshClientInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(MeshMetrics.MeterName, MeshMetrics.ServerMeterName);
    }
}
