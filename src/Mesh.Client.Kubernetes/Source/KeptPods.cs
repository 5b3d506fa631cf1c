using System.Collections.Immutable;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// The pods of one reader. A pod changes many times for one change of what is read of it: one that says the same stays the same object, and
/// where all do so does the whole. Not for use by several threads.
/// </summary>
internal sealed class KeptPods
{
    private ImmutableDictionary<string, V1Pod> _told = ImmutableDictionary<string, V1Pod>.Empty;
    private ImmutableDictionary<string, V1Pod> _kept = ImmutableDictionary<string, V1Pod>.Empty;

    public ImmutableDictionary<string, V1Pod> Keep(ImmutableDictionary<string, V1Pod> told)
    {
        if (ReferenceEquals(told, _told))
        {
            return _kept;
        }

        var next = _kept.ToBuilder();
        foreach ((string name, V1Pod pod) in told)
        {
            if (!_told.TryGetValue(name, out V1Pod? before)
                || (!ReferenceEquals(before, pod) && !PodIdentity.IsSame(_kept[name], pod)))
            {
                next[name] = pod;
            }
        }

        foreach (string name in _told.Keys.Where(name => !told.ContainsKey(name)))
        {
            next.Remove(name);
        }

        _told = told;
        return _kept = next.ToImmutable();
    }
}
