using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>An answer that sends the caller elsewhere.</summary>
internal sealed class RequestRedirect
{
    [JsonPropertyName("scheme")]
    public string? Scheme { get; set; }

    [JsonPropertyName("hostname")]
    public string? Hostname { get; set; }

    [JsonPropertyName("path")]
    public PathModifier? Path { get; set; }

    [JsonPropertyName("port")]
    public int? Port { get; set; }

    /// <summary>Null: 302.</summary>
    [JsonPropertyName("statusCode")]
    public int? StatusCode { get; set; }
}
