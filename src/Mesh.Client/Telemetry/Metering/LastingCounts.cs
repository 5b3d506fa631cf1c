using System.Diagnostics.Metrics;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>
/// Counts by state, asked for at each collection. What was counted once is told from then on, as 0 where there is none: exporters keep the
/// last value of what is no longer told. So many of them, and one for all others.
/// </summary>
/// <param name="keys">Two or three names of attributes.</param>
internal sealed class LastingCounts(string[] keys, int most = AttributeCap.Default)
{
    private readonly Dictionary<(string, string, string?), int> _counts = [];

    /// <summary>The values are those of the keys, in their order.</summary>
    public Measurement<int>[] Tell(IEnumerable<((string, string, string?) Values, int Count)> counts)
    {
        int beyond = 0;
        lock (_counts)
        {
            foreach ((string, string, string?) values in _counts.Keys)
            {
                _counts[values] = 0;
            }

            foreach (((string, string, string?) values, int count) in counts)
            {
                if (_counts.TryGetValue(values, out int before) || _counts.Count < most)
                {
                    _counts[values] = before + count;
                }
                else
                {
                    beyond += count;
                }
            }

            IEnumerable<Measurement<int>> told = _counts.Select(pair => new Measurement<int>(pair.Value, Tags(pair.Key)));
            return beyond == 0 ? [.. told] : [.. told, new Measurement<int>(beyond, AttributeCap.Overflow)];
        }
    }

    private IEnumerable<KeyValuePair<string, object?>> Tags((string, string, string?) values)
    {
        string?[] all = [values.Item1, values.Item2, values.Item3];
        return keys.Select((key, i) => new KeyValuePair<string, object?>(key, all[i]));
    }
}
