using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Tests.Runtime;

namespace Mesh.Client.Benchmarks;

/// <summary>
/// A call with nothing configured, by who listens to it. They listen to the whole process, so each only while it is measured.
/// </summary>
internal static class Telemetry
{
    public static void Run()
    {
        var comparison = new Comparison("First attempt by who listens, over nobody", 5_000, rounds: 101);
        using var bare = new FeatureClient(null);
        using var client = new FeatureClient(Feature.Nothing);
        comparison.Add("nobody", client.Send);
        comparison.Add("metrics", calls => Send(client, calls, () => Metrics("Mesh.Client")));
        using var names = new FeatureClient(Feature.Nothing, linkerdNames: true);
        comparison.Add("nobody, Linkerd's names on", names.Send);
        comparison.Add("Linkerd's names", calls => Send(names, calls, () => Metrics("Mesh.Client.Linkerd")));
        comparison.Add("traces, dropped", calls => Send(client, calls, () => Traces(ActivitySamplingResult.None)));
        comparison.Add("traces, propagated only", calls => Send(client, calls, () => Traces(ActivitySamplingResult.PropagationData)));
        comparison.Add("traces, recorded", calls => Send(client, calls, () => Traces(ActivitySamplingResult.AllDataAndRecorded)));
        comparison.Add("bare invoker", bare.Send);
        comparison.Run();
        RunWithBody();
    }

    // Under Linkerd's names a request's body is looked at while it goes out.
    private static void RunWithBody()
    {
        var comparison = new Comparison("The same with a body, over nobody", 5_000, rounds: 101);
        using var names = new FeatureClient(Feature.Nothing, linkerdNames: true) { Body = new byte[100] };
        comparison.Add("nobody", names.Send);
        comparison.Add("Linkerd's names", calls => Send(names, calls, () => Metrics("Mesh.Client.Linkerd")));
        comparison.Run();
    }

    private static void Send(FeatureClient client, int calls, Func<IDisposable> listen)
    {
        using IDisposable listener = listen();
        client.Send(calls);
    }

    // As an SDK does: a call for each measurement, with its tags. What is aggregated of them is not in it.
    private static MeterListener Metrics(string meter)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<int>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.Start();
        return listener;
    }

    private static ActivityListener Traces(ActivitySamplingResult result)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Mesh.Client",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => result,
            ActivityStarted = static _ => { },
            ActivityStopped = static _ => { },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
