using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>How long calls take, and how attempts end, of the meter <c>Mesh.Client</c>.</summary>
internal sealed class CallMetrics : ICallObserver
{
    // OpenTelemetry's, for durations of HTTP calls and of RPCs.
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly MeteredTraffics _traffics;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _attempts;

    public CallMetrics(MeshMetrics metrics)
    {
        _traffics = metrics.Traffics;
        _duration = metrics.Meter.CreateHistogram(
            "mesh.client.call.duration",
            "s",
            "Logical calls, with their waits and retries, to the last byte of the response.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _attempts = metrics.Meter.CreateCounter<long>("mesh.client.attempts", "{attempt}", "Attempts by outcome.");
    }

    public bool IsEnabled => _duration.Enabled || _attempts.Enabled;

    public void OnAttemptEnded(IObservedCall call)
    {
        if (_attempts.Enabled && call.Outcome is var outcome and not AttemptResult.ConnectFailure)
        {
            _attempts.Add(1, _traffics.Of(call).Attempts.Find((int)outcome));
        }
    }

    public void OnCallEnded(IObservedCall call)
    {
        if (_duration.Enabled)
        {
            _duration.Record(call.Duration.TotalSeconds, _traffics.Of(call).Calls.Find(CallResult.Of(call).Code));
        }
    }
}
