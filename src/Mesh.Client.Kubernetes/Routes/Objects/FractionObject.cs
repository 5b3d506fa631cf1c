using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>A share of calls.</summary>
internal sealed class FractionObject
{
    [JsonPropertyName("numerator")]
    public int Numerator { get; set; }

    /// <summary>Null: 100.</summary>
    [JsonPropertyName("denominator")]
    public int? Denominator { get; set; }
}
