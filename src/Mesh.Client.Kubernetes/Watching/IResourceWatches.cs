using k8s;
using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>The lists that this process watches at the API server, shared by all that read them.</summary>
internal interface IResourceWatches
{
    /// <summary>In words for people: <c>Kubernetes https://10.0.0.1:443</c>.</summary>
    string Name { get; }

    /// <summary>Begins to watch, or joins those who do. Returns at once.</summary>
    /// <param name="query">What.</param>
    /// <param name="changed">Signalled after each change of the lease's state.</param>
    /// <param name="demand">Signalled when a call waits for it: a watch that is backing off tries sooner.</param>
    IResourceLease<T> Watch<T>(ResourceQuery<T> query, Pulse changed, Pulse demand)
        where T : class, IKubernetesObject<V1ObjectMeta>;
}
