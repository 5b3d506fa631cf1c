using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>Another path; only the part that its type names counts.</summary>
internal sealed class PathModifier
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [JsonPropertyName("replaceFullPath")]
    public string? ReplaceFullPath { get; set; }

    [JsonPropertyName("replacePrefixMatch")]
    public string? ReplacePrefixMatch { get; set; }
}
