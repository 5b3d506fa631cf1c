namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// Makes one list of what several slices tell. While endpoints move between slices, two may tell of one. What did not change is not
/// sorted again. Not for use by several threads.
/// </summary>
internal sealed class SliceMerge
{
    private readonly Dictionary<string, SliceEndpoint[]> _told = new(StringComparer.Ordinal);
    private List<SliceEndpoint> _merged = [];

    /// <summary>Each address once, in the order of addresses. Never changed.</summary>
    /// <param name="gone">What slices tell no more, as it was given before.</param>
    /// <param name="come">What they tell in its place, in any order.</param>
    public List<SliceEndpoint> Merge(IEnumerable<SliceEndpoint> gone, IEnumerable<SliceEndpoint> come)
    {
        var touched = new HashSet<string>(StringComparer.Ordinal);
        foreach (SliceEndpoint endpoint in gone)
        {
            string key = KeyOf(endpoint);
            touched.Add(key);
            _told[key] = Array.FindAll(_told[key], other => !ReferenceEquals(other, endpoint));
        }

        foreach (SliceEndpoint endpoint in come)
        {
            string key = KeyOf(endpoint);
            touched.Add(key);
            _told[key] = _told.TryGetValue(key, out SliceEndpoint[]? others) ? [.. others, endpoint] : [endpoint];
        }

        return touched.Count == 0 ? _merged : _merged = Replace(touched);
    }

    private List<SliceEndpoint> Replace(HashSet<string> touched)
    {
        var fresh = new List<SliceEndpoint>(touched.Count);
        foreach (string key in touched)
        {
            if (Best(_told[key]) is { } best)
            {
                fresh.Add(best);
            }
            else
            {
                _told.Remove(key);
            }
        }

        fresh.Sort(static (a, b) => string.CompareOrdinal(KeyOf(a), KeyOf(b)));
        var merged = new List<SliceEndpoint>(_merged.Count + fresh.Count);
        int next = 0;
        foreach (SliceEndpoint kept in _merged)
        {
            if (touched.Contains(KeyOf(kept)))
            {
                continue;
            }

            for (; next < fresh.Count && string.CompareOrdinal(KeyOf(fresh[next]), KeyOf(kept)) < 0; next++)
            {
                merged.Add(fresh[next]);
            }

            merged.Add(kept);
        }

        merged.AddRange(fresh.Skip(next));
        return merged;
    }

    private static string KeyOf(SliceEndpoint endpoint) => endpoint.Endpoint.Address.Text;

    private static SliceEndpoint? Best(SliceEndpoint[] told)
    {
        SliceEndpoint? best = null;
        foreach (SliceEndpoint endpoint in told)
        {
            best = best is null || IsBetter(endpoint, best) ? endpoint : best;
        }

        return best;
    }

    // Two that are as ready and differ all the same: any rule will do that does not go by their order.
    private static bool IsBetter(SliceEndpoint one, SliceEndpoint other) =>
        one.Readiness != other.Readiness ? one.Readiness > other.Readiness : string.CompareOrdinal(Rank(one), Rank(other)) > 0;

    private static string Rank(SliceEndpoint endpoint) => string.Join(
        '\n',
        [
            endpoint.Pod, endpoint.PodElsewhere, endpoint.Hostname, endpoint.Node, endpoint.Endpoint.Zone,
            endpoint.AddressType, endpoint.AppProtocol,
            string.Join(',', endpoint.ForZones), string.Join(',', endpoint.ForNodes),
        ]);
}
