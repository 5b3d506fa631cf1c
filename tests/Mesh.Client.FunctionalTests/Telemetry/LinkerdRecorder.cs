using System.Diagnostics.Metrics;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>Everything that a host tells under Linkerd's names.</summary>
internal sealed class LinkerdRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = [];
    private readonly Dictionary<string, Instrument> _instruments = [];

    /// <param name="mesh">Whose.</param>
    /// <param name="except">Ends of names that are not listened to.</param>
    public LinkerdRecorder(MeshHost mesh, params string[] except)
        : this(mesh.Services, except)
    {
    }

    public LinkerdRecorder(IServiceProvider services, params string[] except)
    {
        IMeterFactory factory = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Meter.Name == "Mesh.Client.Linkerd")
            {
                _instruments[instrument.Name] = instrument;
                if (!except.Any(end => instrument.Name.EndsWith(end, StringComparison.Ordinal)))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Names of all instruments.</summary>
    public IEnumerable<string> Names => _instruments.Keys;

    /// <summary>What an instrument was told, in order.</summary>
    public List<(double Value, Dictionary<string, object?> Tags)> All(string name)
    {
        lock (_measured)
        {
            return [.. _measured.Where(told => told.Name == name).Select(told => (told.Value, told.Tags))];
        }
    }

    /// <summary>The sum of what it was told.</summary>
    public double Sum(string name) => All(name).Sum(told => told.Value);

    /// <summary>The one label of what it was told, in order.</summary>
    public string[] Labels(string name, string label) =>
        [.. All(name).Select(told => told.Tags.GetValueOrDefault(label)?.ToString() ?? "-")];

    /// <summary>What it observes now, for the service <c>catalog</c>.</summary>
    public List<(double Value, Dictionary<string, object?> Tags)> Observe(string name)
    {
        lock (_measured)
        {
            _measured.RemoveAll(told => told.Name == name);
        }

        _listener.RecordObservableInstruments();
        return [.. All(name).Where(told => told.Tags.GetValueOrDefault("parent_name") is null or "catalog")];
    }

    /// <summary>Where its buckets end.</summary>
    public double[] Buckets(string name) => _instruments[name] switch
    {
        Histogram<double> histogram => [.. histogram.Advice!.HistogramBucketBoundaries!],
        Histogram<long> histogram => [.. histogram.Advice!.HistogramBucketBoundaries!.Select(bound => (double)bound)],
        _ => [],
    };

    /// <summary>Names and labels of all that it was told, and of what it observes now, line by line.</summary>
    public string Text()
    {
        _listener.RecordObservableInstruments();
        lock (_measured)
        {
            return string.Join('\n', _measured.Select(told => $"{told.Name} {string.Join(' ', told.Tags)}"));
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var told = new Dictionary<string, object?>(tags.ToArray());
        lock (_measured)
        {
            _measured.Add((instrument.Name, value, told));
        }
    }
}
