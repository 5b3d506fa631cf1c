using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// What was read of one service's slices: of many, mostly one has changed. Not for use by several threads.
/// </summary>
internal sealed class SliceCache
{
    private readonly SliceMerge _merge = new();
    private Dictionary<V1EndpointSlice, SliceEndpoint[]> _read = new(ReferenceEqualityComparer.Instance);
    private CalledPort? _port;

    /// <summary>What all of them tell: each address once, in the order of addresses. Not to be changed.</summary>
    public List<SliceEndpoint> Read(IReadOnlyCollection<V1EndpointSlice> slices, CalledPort port)
    {
        bool isSamePort = port == _port;
        var next = new Dictionary<V1EndpointSlice, SliceEndpoint[]>(slices.Count, ReferenceEqualityComparer.Instance);
        var come = new List<SliceEndpoint>();
        foreach (V1EndpointSlice slice in slices)
        {
            if (isSamePort && _read.TryGetValue(slice, out SliceEndpoint[]? known))
            {
                next[slice] = known;
            }
            else if (!next.ContainsKey(slice))
            {
                next[slice] = SliceReader.Read(slice, port);
                come.AddRange(next[slice]);
            }
        }

        // Only now, for what makes no sense may throw.
        IEnumerable<SliceEndpoint> gone = _read.Where(pair => !isSamePort || !next.ContainsKey(pair.Key)).SelectMany(pair => pair.Value);
        List<SliceEndpoint> merged = _merge.Merge(gone, come);
        (_read, _port) = (next, port);
        return merged;
    }
}
