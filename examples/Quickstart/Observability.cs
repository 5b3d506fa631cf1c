using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Quickstart;

/// <summary>
/// What a team adds to see the mesh with its own tools: a scrape for Prometheus, and, where the usual OTEL_EXPORTER_OTLP_… variables name
/// a collector, traces and metrics to it.
/// </summary>
internal static class Observability
{
    public static void Add(WebApplicationBuilder builder)
    {
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("quickstart-web"))
            .WithMetrics(metrics => metrics.AddMeshClientInstrumentation().AddMeter("System.Net.Http").AddPrometheusExporter())
            .WithTracing(traces => traces.AddSource("Microsoft.AspNetCore").AddMeshClientInstrumentation());
        if (HasCollector(builder.Configuration))
        {
            telemetry.UseOtlpExporter();
        }
    }

    private static bool HasCollector(IConfiguration settings) => settings.AsEnumerable().Any(setting =>
        setting.Key.StartsWith("OTEL_EXPORTER_OTLP_", StringComparison.Ordinal)
        && setting.Key.EndsWith("ENDPOINT", StringComparison.Ordinal)
        && !string.IsNullOrEmpty(setting.Value));
}
