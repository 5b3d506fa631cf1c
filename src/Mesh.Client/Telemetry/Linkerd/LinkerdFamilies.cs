using System.Diagnostics.Metrics;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>The metrics of a route and its backends that Linkerd has once for HTTP and once for gRPC.</summary>
internal sealed class LinkerdFamilies
{
    private static readonly double[] RouteSeconds = [0.05, 0.5, 1, 10];
    private static readonly double[] BackendSeconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 10];
    private static readonly long[] FrameBytes = [128, 1024, 10240];

    /// <param name="protocol"><c>http</c> or <c>grpc</c>.</param>
    public LinkerdFamilies(Meter meter, string protocol)
    {
        string route = $"outbound_{protocol}_route";
        RequestDuration = Durations($"{route}_request_duration_seconds", RouteSeconds, "Calls of a route, to the last byte.");
        RequestStatuses = Counter($"{route}_request_statuses_total", "Calls of a route by how they ended.");
        RequestFrames = Frames($"{route}_request_frame_size_bytes", "Writes of request bodies.");
        BackendRequests = Counter($"{route}_backend_requests_total", "Attempts by backend.");
        BackendDuration = Durations(
            $"{route}_backend_response_duration_seconds",
            BackendSeconds,
            "Attempts by backend, from the last byte of the request to the last of the response.");
        BackendStatuses = Counter($"{route}_backend_response_statuses_total", "Attempts by backend and by how they ended.");
        BackendFrames = Frames($"{route}_backend_response_frame_size_bytes", "Reads of response bodies.");
        RetryRequests = Counter($"{route}_retry_requests_total", "Retries.");
        RetrySuccesses = Counter($"{route}_retry_successes_total", "Retries that succeeded.");
        RetryOverflow = Counter($"{route}_retry_overflow_total", "Retries that the budget did not allow.");
        RetryLimit = Counter($"{route}_retry_limit_exceeded_total", "Calls that failed still when no retry was left.");

        Counter<long> Counter(string name, string description) => meter.CreateCounter<long>(name, null, description);

        Histogram<double> Durations(string name, double[] bounds, string description) => meter.CreateHistogram(
            name, null, description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

        Histogram<long> Frames(string name, string description) => meter.CreateHistogram(
            name, null, description, advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = FrameBytes });
    }

    public Histogram<double> RequestDuration { get; }

    public Counter<long> RequestStatuses { get; }

    public Histogram<long> RequestFrames { get; }

    public Counter<long> BackendRequests { get; }

    public Histogram<double> BackendDuration { get; }

    public Counter<long> BackendStatuses { get; }

    public Histogram<long> BackendFrames { get; }

    public Counter<long> RetryRequests { get; }

    public Counter<long> RetrySuccesses { get; }

    public Counter<long> RetryOverflow { get; }

    public Counter<long> RetryLimit { get; }

    /// <summary>Whether anybody wants to be told of requests while they go out, or of when they have.</summary>
    public bool WatchesRequests => RequestFrames.Enabled || BackendDuration.Enabled;

    public bool IsEnabled => RequestDuration.Enabled || RequestStatuses.Enabled || BackendRequests.Enabled || BackendDuration.Enabled
        || BackendStatuses.Enabled || RetryRequests.Enabled || RetrySuccesses.Enabled || RetryOverflow.Enabled || RetryLimit.Enabled;
}
