using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>One of the first and one of the second is enough.</summary>
internal sealed class ReferenceGrantSpec
{
    [JsonPropertyName("from")]
    public IList<GrantFrom>? From { get; set; }

    [JsonPropertyName("to")]
    public IList<GrantTo>? To { get; set; }
}
