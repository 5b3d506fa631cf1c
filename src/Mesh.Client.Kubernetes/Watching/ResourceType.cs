using System.Text.Json;
using k8s;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>A kind of object that the API server keeps and that can be listed and watched.</summary>
/// <typeparam name="T">As it is kept here.</typeparam>
/// <param name="Group">The API group; empty for the core.</param>
/// <param name="Version">Of the group: <c>v1</c>.</param>
/// <param name="Plural">The kind as paths and RBAC rules name it: <c>endpointslices</c>.</param>
internal sealed record ResourceType<T>(string Group, string Version, string Plural)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>For errors, as RBAC rules name it: <c>endpointslices.discovery.k8s.io</c>.</summary>
    public string Name => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Reads one from what was sent, which it does not keep; as KubernetesClient does it unless told otherwise.</summary>
    public Func<JsonElement, T?> Read { get; init; } = static sent => KubernetesJson.Deserialize<T>(sent);

    /// <summary>Takes off what nobody here reads, before an object is kept; null: nothing.</summary>
    public Action<T>? Trim { get; init; }
}
