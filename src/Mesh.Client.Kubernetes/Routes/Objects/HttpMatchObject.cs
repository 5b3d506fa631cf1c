using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>What a request must be.</summary>
internal sealed class HttpMatchObject
{
    /// <summary>Null: every path. Its type is a prefix where it says none.</summary>
    [JsonPropertyName("path")]
    public TypedValue? Path { get; set; }

    [JsonPropertyName("headers")]
    public IList<TypedValue>? Headers { get; set; }

    [JsonPropertyName("queryParams")]
    public IList<TypedValue>? QueryParams { get; set; }

    [JsonPropertyName("method")]
    public string? Method { get; set; }
}
