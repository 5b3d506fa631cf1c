using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>What may be referred to from other namespaces (Gateway API).</summary>
internal sealed class ReferenceGrant : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The kind as references name it.</summary>
    public const string KindName = "ReferenceGrant";

    /// <summary>As it is listed and watched where it is served: by the latest releases of the Gateway API.</summary>
    public static readonly ResourceType<ReferenceGrant> Type = new("gateway.networking.k8s.io", "v1", "referencegrants")
    {
        Trim = kept => KeptMetadata.Shorten(kept.Metadata),
    };

    /// <summary>The same where it is not, in the version that earlier releases serve.</summary>
    public static readonly ResourceType<ReferenceGrant> OlderType = Type with { Version = "v1beta1" };

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "gateway.networking.k8s.io/v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = KindName;

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public ReferenceGrantSpec Spec { get; set; } = new();
}
