using k8s;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <inheritdoc/>
/// <param name="view">What is held.</param>
/// <param name="release">Lets go of it.</param>
internal sealed class ResourceLease<T>(ResourceView<T> view, Action release) : IResourceLease<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private Action? _release = release;

    public ResourceState<T> State => view.State;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
