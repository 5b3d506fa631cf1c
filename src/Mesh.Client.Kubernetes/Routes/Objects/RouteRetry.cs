using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>Which calls are tried again.</summary>
internal sealed class RouteRetry
{
    /// <summary>HTTP statuses.</summary>
    [JsonPropertyName("codes")]
    public IList<int>? Codes { get; set; }

    /// <summary>After the first.</summary>
    [JsonPropertyName("attempts")]
    public int? Attempts { get; set; }

    /// <summary>The least wait before each.</summary>
    [JsonPropertyName("backoff")]
    public string? Backoff { get; set; }
}
