using System.Text.Json.Serialization;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// The ports of a <see cref="ServiceImport"/>, whose form is that of a Service's, and whether it has an address of its own.
/// </summary>
internal sealed class ServiceImportSpec
{
    /// <summary><c>ClusterSetIP</c> or <c>Headless</c>.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("ports")]
    public IList<V1ServicePort>? Ports { get; set; }
}
