using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>A ServiceImport of the multi-cluster API: what of it is used here.</summary>
internal sealed class ServiceImport : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>As it is listed and watched.</summary>
    public static readonly ResourceType<ServiceImport> Type = new("multicluster.x-k8s.io", "v1alpha1", "serviceimports") { Trim = Shorten };

    private const string Headless = "Headless";

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "multicluster.x-k8s.io/v1alpha1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "ServiceImport";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public ServiceImportSpec Spec { get; set; } = new();

    /// <summary>The Service that it stands for.</summary>
    public V1Service ToService() => new()
    {
        Metadata = Metadata,
        Spec = new V1ServiceSpec
        {
            ClusterIP = Spec?.Type == Headless ? "None" : null,
            Ports = Spec?.Ports,
        },
    };

    private static void Shorten(ServiceImport import) => KeptMetadata.Shorten(import.Metadata);
}
