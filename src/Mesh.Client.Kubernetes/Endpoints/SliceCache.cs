using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// What was read of one service's slices: of many, mostly one has changed. Not for use by several threads.
/// </summary>
internal sealed class SliceCache
{
    private Dictionary<V1EndpointSlice, SliceEndpoint[]> _read = new(ReferenceEqualityComparer.Instance);
    private CalledPort? _port;

    public IEnumerable<SliceEndpoint> Read(IReadOnlyCollection<V1EndpointSlice> slices, CalledPort port)
    {
        var next = new Dictionary<V1EndpointSlice, SliceEndpoint[]>(slices.Count, ReferenceEqualityComparer.Instance);
        foreach (V1EndpointSlice slice in slices)
        {
            next[slice] = port == _port && _read.TryGetValue(slice, out SliceEndpoint[]? known) ? known : SliceReader.Read(slice, port);
        }

        (_read, _port) = (next, port);
        return next.Values.SelectMany(static endpoints => endpoints);
    }
}
