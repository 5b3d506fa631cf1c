using System.Diagnostics.Metrics;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>
/// Requests and responses as Linkerd counted them before it had routes: once for endpoints, and once for the routes of profiles.
/// </summary>
internal sealed class LinkerdRequests
{
    private static readonly double[] Milliseconds =
    [
        1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000, 5000, 10_000, 20_000, 30_000, 40_000, 50_000,
    ];

    private readonly Counter<long> _requests;
    private readonly Counter<long> _responses;
    private readonly Histogram<double>? _latency;

    /// <param name="prefix">What their names begin with.</param>
    /// <param name="counted">In words.</param>
    /// <param name="withLatency">Whether it is measured how long they take.</param>
    public LinkerdRequests(Meter meter, string prefix, string counted, bool withLatency = true)
    {
        _requests = meter.CreateCounter<long>($"{prefix}request_total", null, $"{counted}.");
        _responses = meter.CreateCounter<long>($"{prefix}response_total", null, $"{counted}, by how they ended.");
        if (withLatency)
        {
            _latency = meter.CreateHistogram(
                $"{prefix}response_latency_ms",
                null,
                $"{counted}, to the last byte of the response.",
                advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Milliseconds });
        }
    }

    public bool IsEnabled => _requests.Enabled || _responses.Enabled || _latency?.Enabled == true;

    /// <summary>Counts one that has ended.</summary>
    public void Count(LinkerdRequestTags tags, in LinkerdResult result, bool succeeded, TimeSpan took)
    {
        _requests.Add(1, tags.Target.Find(0));
        _responses.Add(1, tags.Classes.Find(LinkerdRequestTags.CodeOf(result, succeeded)));
        _latency?.Record(took.TotalMilliseconds, tags.Statuses.Find(LinkerdRequestTags.StatusOf(result)));
    }
}
