using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>A counter whose attributes come from outside: so many sets of them, and one for all others.</summary>
internal sealed class CappedCounter
{
    private readonly ConcurrentDictionary<(string, string?, string?), KeyValuePair<string, object?>[]> _tags = new();
    private readonly Counter<long> _counter;
    private readonly AttributeCap _cap;
    private readonly string[] _keys;

    /// <param name="keys">One to three names of attributes.</param>
    public CappedCounter(Meter meter, string name, string unit, string description, string[] keys, int cap = AttributeCap.Default)
    {
        _counter = meter.CreateCounter<long>(name, unit, description);
        _cap = new AttributeCap(cap);
        _keys = keys;
    }

    /// <summary>Whether anybody listens.</summary>
    public bool IsEnabled => _counter.Enabled;

    /// <summary>Counts one. The values are those of the keys, in their order.</summary>
    public void Add(string first, string? second = null, string? third = null, long count = 1)
    {
        if (_counter.Enabled)
        {
            (string, string?, string?) values = (first, second, third);
            _counter.Add(
                count,
                _tags.TryGetValue(values, out KeyValuePair<string, object?>[]? tags) ? tags
                    : _cap.IsFull ? AttributeCap.Overflow
                    : Tags(values));
        }
    }

    private ReadOnlySpan<KeyValuePair<string, object?>> Tags((string, string?, string?) values)
    {
        lock (_cap)
        {
            if (!_tags.TryGetValue(values, out KeyValuePair<string, object?>[]? tags))
            {
                if (!_cap.TryTake())
                {
                    return AttributeCap.Overflow;
                }

                string?[] all = [values.Item1, values.Item2, values.Item3];
                tags = Array.ConvertAll(_keys, key => new KeyValuePair<string, object?>(key, all[Array.IndexOf(_keys, key)]));
                _tags[values] = tags;
            }

            return tags;
        }
    }
}
