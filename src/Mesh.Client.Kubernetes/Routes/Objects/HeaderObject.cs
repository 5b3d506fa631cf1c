using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>A header with a value.</summary>
internal sealed class HeaderObject
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [JsonPropertyName("value")]
    public string Value { get; set; } = "";
}
