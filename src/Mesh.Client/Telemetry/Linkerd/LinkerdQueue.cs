using System.Diagnostics.Metrics;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>How long calls waited for an endpoint. Most do not.</summary>
internal sealed class LinkerdQueue(Meter meter)
{
    private readonly Counter<long> _requests = meter.CreateCounter<long>(
        "outbound_http_balancer_queue_requests_total", null, "Calls that asked for an endpoint.");

    private readonly Histogram<double> _latency = meter.CreateHistogram(
        "outbound_http_balancer_queue_latency_seconds",
        null,
        "How long calls waited for an endpoint.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.005, 0.05, 0.5, 1, 3] });

    public bool IsEnabled => _requests.Enabled || _latency.Enabled;

    public void Count(LinkerdTags tags, TimeSpan waited)
    {
        _requests.Add(1, tags.Queue.Find(0));
        _latency.Record(waited.TotalSeconds, tags.Queue.Find(0));
    }
}
