using Mesh.Client.Telemetry.Tracing;

namespace OpenTelemetry.Trace;

/// <summary>Mesh.Client's traces for OpenTelemetry.</summary>
public static class MeshTracingExtensions
{
    /// <summary>
    /// Collects the source <c>Mesh.Client</c>: a span for each logical call, and one for each of its attempts. What a connection sends is
    /// a span of .NET's own below the attempt's, which <c>AddHttpClientInstrumentation()</c> collects.
    /// </summary>
    public static TracerProviderBuilder AddMeshClientInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(MeshTracing.SourceName);
    }
}
