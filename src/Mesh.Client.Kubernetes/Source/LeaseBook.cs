using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// The leases of one reader: what it reads is watched from then on, and what a whole round of reading did without is let go of. Not for
/// use by several threads.
/// </summary>
/// <param name="watches">Where they are from.</param>
/// <param name="changed">Signalled when one of them has changed.</param>
/// <param name="demand">Signalled when a call waits.</param>
internal sealed class LeaseBook(IResourceWatches watches, Pulse changed, Pulse demand) : IDisposable
{
    private readonly Dictionary<object, Entry> _entries = [];
    private int _round;

    /// <summary>
    /// The list as it stands; nothing is known of one that was never read before. What was known once is not forgotten when it may no
    /// longer be read: a rule that is away for a moment takes away no routes and no identities.
    /// </summary>
    public ResourceState<T> Read<T>(ResourceQuery<T> query)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!_entries.TryGetValue(query, out Entry? entry))
        {
            entry = new Entry(watches.Watch(query, changed, demand));
            _entries.Add(query, entry);
        }

        entry.Round = _round;
        ResourceState<T> state = ((IResourceLease<T>)entry.Lease).State;
        if (state.Status is ResourceStatus.Denied && entry.Known is ResourceState<T> known)
        {
            return known with { Problem = state.Problem };
        }

        entry.Known = state.Status is ResourceStatus.Known ? state : null;
        return state;
    }

    /// <summary>Ends a round.</summary>
    public void Sweep()
    {
        foreach ((object query, Entry entry) in _entries)
        {
            if (entry.Round != _round)
            {
                entry.Lease.Dispose();
                _entries.Remove(query);
            }
        }

        _round++;
    }

    public void Dispose()
    {
        foreach (Entry entry in _entries.Values)
        {
            entry.Lease.Dispose();
        }

        _entries.Clear();
    }

    private sealed class Entry(IDisposable lease)
    {
        public IDisposable Lease { get; } = lease;

        /// <summary>The last that was known, as a state of the lease's type.</summary>
        public object? Known { get; set; }

        public int Round { get; set; }
    }
}
