using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>One rule of a GRPCRoute.</summary>
internal sealed class GrpcRouteRule
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("matches")]
    public IList<GrpcMatchObject>? Matches { get; set; }

    [JsonPropertyName("filters")]
    public IList<RouteFilterObject>? Filters { get; set; }

    [JsonPropertyName("backendRefs")]
    public IList<BackendReference>? BackendRefs { get; set; }

    /// <summary>Whether it is there.</summary>
    [JsonPropertyName("sessionPersistence")]
    public object? SessionPersistence { get; set; }
}
