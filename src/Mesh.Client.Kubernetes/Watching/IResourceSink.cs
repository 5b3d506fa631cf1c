using k8s;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>Given what a reflector knows.</summary>
internal interface IResourceSink<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The state has changed. Called by one at a time.</summary>
    /// <param name="state">As it stands now.</param>
    /// <param name="key">The one object that has changed; null: any may have.</param>
    void Publish(ResourceState<T> state, string? key);
}
