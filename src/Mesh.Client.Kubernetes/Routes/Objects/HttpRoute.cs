using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>An HTTPRoute of the Gateway API: what of it is used here.</summary>
internal sealed class HttpRoute : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The kind as references name it.</summary>
    public const string KindName = "HTTPRoute";

    /// <summary>As it is listed and watched.</summary>
    public static readonly ResourceType<HttpRoute> Type = new("gateway.networking.k8s.io", "v1", "httproutes")
    {
        Trim = kept => KeptMetadata.Shorten(kept.Metadata),
    };

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "gateway.networking.k8s.io/v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = KindName;

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public HttpRouteSpec Spec { get; set; } = new();
}
