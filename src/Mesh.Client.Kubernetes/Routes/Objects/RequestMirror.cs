using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>A copy of calls, sent elsewhere.</summary>
internal sealed class RequestMirror
{
    [JsonPropertyName("backendRef")]
    public BackendReference BackendRef { get; set; } = new();

    /// <summary>0 to 100; null: all, unless there is a fraction.</summary>
    [JsonPropertyName("percent")]
    public int? Percent { get; set; }

    [JsonPropertyName("fraction")]
    public FractionObject? Fraction { get; set; }
}
