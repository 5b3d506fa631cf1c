using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>One rule of an HTTPRoute.</summary>
internal sealed class HttpRouteRule
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("matches")]
    public IList<HttpMatchObject>? Matches { get; set; }

    [JsonPropertyName("filters")]
    public IList<RouteFilterObject>? Filters { get; set; }

    [JsonPropertyName("backendRefs")]
    public IList<BackendReference>? BackendRefs { get; set; }

    [JsonPropertyName("timeouts")]
    public RouteTimeouts? Timeouts { get; set; }

    [JsonPropertyName("retry")]
    public RouteRetry? Retry { get; set; }

    /// <summary>Whether it is there.</summary>
    [JsonPropertyName("sessionPersistence")]
    public object? SessionPersistence { get; set; }
}
