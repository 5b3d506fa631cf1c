using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>What a route is for.</summary>
internal sealed class ParentReference
{
    /// <summary>Null: the Gateway API's own; empty: the core.</summary>
    [JsonPropertyName("group")]
    public string? Group { get; set; }

    /// <summary>Null: a Gateway.</summary>
    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    /// <summary>Null: the route's.</summary>
    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }

    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>Of a Service: the name of a port.</summary>
    [JsonPropertyName("sectionName")]
    public string? SectionName { get; set; }

    /// <summary>Null: every port.</summary>
    [JsonPropertyName("port")]
    public int? Port { get; set; }
}
