using k8s;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>What is watched: the objects of one kind in one namespace, or those of them that a selector names.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Namespace">Of the objects.</param>
/// <param name="LabelSelector">As the API server takes it: <c>kubernetes.io/service-name=catalog</c>. Null: any.</param>
/// <param name="FieldSelector">The same: <c>metadata.name=catalog</c>. Null: any.</param>
internal sealed record ResourceQuery<T>(
    ResourceType<T> Type, string Namespace, string? LabelSelector = null, string? FieldSelector = null)
    where T : class, IKubernetesObject<V1ObjectMeta>;
