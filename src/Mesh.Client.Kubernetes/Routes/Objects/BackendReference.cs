using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>Where a share of the calls goes, or a copy of them.</summary>
internal sealed class BackendReference
{
    /// <summary>Null or empty: the core.</summary>
    [JsonPropertyName("group")]
    public string? Group { get; set; }

    /// <summary>Null: a Service.</summary>
    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    /// <summary>Null: the route's.</summary>
    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }

    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>Required of a Service.</summary>
    [JsonPropertyName("port")]
    public int? Port { get; set; }

    /// <summary>Null: 1.</summary>
    [JsonPropertyName("weight")]
    public int? Weight { get; set; }

    [JsonPropertyName("filters")]
    public IList<RouteFilterObject>? Filters { get; set; }
}
