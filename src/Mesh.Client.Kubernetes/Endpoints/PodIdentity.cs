using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>What is read of a pod.</summary>
internal static class PodIdentity
{
    /// <summary>The annotations that count.</summary>
    public static readonly string[] Annotations =
        [MeshAnnotations.Identity, MeshAnnotations.FramingName, MeshAnnotations.OpaquePorts, MeshAnnotations.SkippedPorts];

    /// <summary>Whether two of one name say the same of who it is.</summary>
    public static bool IsSame(V1Pod one, V1Pod other) =>
        one.Metadata?.NamespaceProperty == other.Metadata?.NamespaceProperty
        && IdentityTemplate.AccountOf(one) == IdentityTemplate.AccountOf(other)
        && Value(one.Metadata?.Labels, LinkerdMesh.Label) == Value(other.Metadata?.Labels, LinkerdMesh.Label)
        && LinkerdPod.InboundPort(one) == LinkerdPod.InboundPort(other)
        && Array.TrueForAll(
            Annotations, name => Value(one.Metadata?.Annotations, name) == Value(other.Metadata?.Annotations, name));

    private static string? Value(IDictionary<string, string>? all, string name) =>
        all is not null && all.TryGetValue(name, out string? value) ? value : null;
}
