using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Runtime;

/// <summary>Metrics cost no bytes, whether somebody listens or not.</summary>
[Collection(nameof(FirstAttemptAllocationTests))]
public sealed class MetricsAllocationTests
{
    private const int Calls = 1000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Send_AllInstrumentsListenedTo_AllocatesWhatItDoesWithout(bool withRoute)
    {
        Feature feature = withRoute ? Feature.Route : Feature.Nothing;
        using var quiet = new FeatureClient(feature);
        using var heard = new FeatureClient(feature);
        var instruments = new HashSet<string>();
        using MeterListener listener = Listen(heard, instruments);

        long without = Measure(quiet, expected: 0);
        long with = Measure(heard, expected: without);

        Assert.Equal(without, with);
        Assert.Superset(new HashSet<string> { "mesh.client.call.duration", "mesh.client.attempts", "mesh.client.picks" }, instruments);
    }

    private static MeterListener Listen(FeatureClient client, HashSet<string> heard)
    {
        var factory = client.Services!.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => heard.Add(instrument.Name));
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => heard.Add(instrument.Name));
        listener.Start();
        return listener;
    }

    // Code that is compiled better meanwhile allocates less, and a collection on another thread may show in a round.
    private static long Measure(FeatureClient client, long expected)
    {
        client.Send(Calls);
        long least = long.MaxValue;
        for (int round = 0; round < 10 || (round < 50 && least > expected && expected > 0); round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            client.Send(Calls);
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }

        return least;
    }
}
