namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Makes one list of what several slices tell. While endpoints move between slices, two may tell of one.</summary>
internal static class SliceMerge
{
    /// <summary>Each address once, in the order of addresses.</summary>
    /// <param name="told">In any order.</param>
    public static List<SliceEndpoint> Merge(IEnumerable<SliceEndpoint> told)
    {
        var merged = new Dictionary<string, SliceEndpoint>(StringComparer.Ordinal);
        foreach (SliceEndpoint endpoint in told)
        {
            string key = endpoint.Endpoint.Address.Text;
            if (!merged.TryGetValue(key, out SliceEndpoint? other) || IsBetter(endpoint, other))
            {
                merged[key] = endpoint;
            }
        }

        List<SliceEndpoint> all = [.. merged.Values];
        all.Sort(static (a, b) => string.CompareOrdinal(a.Endpoint.Address.Text, b.Endpoint.Address.Text));
        return all;
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
