using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>Objects of the grant's namespace that may be referred to.</summary>
internal sealed class GrantTo
{
    [JsonPropertyName("group")]
    public string Group { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    /// <summary>Null: all of the kind.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; set; }
}
