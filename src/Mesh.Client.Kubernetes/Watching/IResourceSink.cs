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
    /// <param name="version">Of the server, that the state is as of; null: nobody knows.</param>
    void Publish(ResourceState<T> state, string? key, string? version);

    /// <summary>The last state is as of this version, too. Called by one at a time.</summary>
    void Reach(string version);
}
