using System.Collections.Immutable;
using k8s;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>A watched list as it stands. Immutable.</summary>
/// <param name="Status">What is known.</param>
/// <param name="Items">By name; empty unless <see cref="ResourceStatus.Known"/>.</param>
/// <param name="Problem">
/// Why it is not known, or not newer, in words that name the server, and for RBAC the verb and the resource; null while in touch.
/// </param>
internal sealed record ResourceState<T>(ResourceStatus Status, ImmutableDictionary<string, T> Items, string? Problem = null)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public static readonly ResourceState<T> Unknown = new(ResourceStatus.Unknown, ImmutableDictionary<string, T>.Empty);
}
