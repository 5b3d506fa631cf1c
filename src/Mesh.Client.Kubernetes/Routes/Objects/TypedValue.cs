using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>A value and how it is compared: of a path, a header or a query parameter.</summary>
internal sealed class TypedValue
{
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    /// <summary>Not of a path.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [JsonPropertyName("value")]
    public string? Value { get; set; }
}
