using Mesh.Client.Telemetry;

namespace OpenTelemetry.Metrics;

/// <summary>Mesh.Client's metrics for OpenTelemetry.</summary>
public static class MeshInstrumentationExtensions
{
    /// <summary>Collects the meter <c>Mesh.Client</c>.</summary>
    public static MeterProviderBuilder AddMeshClientInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(MeshMetrics.MeterName);
    }
}
