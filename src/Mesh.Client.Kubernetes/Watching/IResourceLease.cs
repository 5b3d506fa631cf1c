using k8s;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>One reader's hold on a watched list. The list is watched until the last of its readers lets go.</summary>
internal interface IResourceLease<T> : IDisposable
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The latest; never null, never part of a change.</summary>
    ResourceState<T> State { get; }
}
