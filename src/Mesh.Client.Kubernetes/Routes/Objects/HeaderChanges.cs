using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>Of the headers of a request or a response.</summary>
internal sealed class HeaderChanges
{
    [JsonPropertyName("set")]
    public IList<HeaderObject>? Set { get; set; }

    [JsonPropertyName("add")]
    public IList<HeaderObject>? Add { get; set; }

    [JsonPropertyName("remove")]
    public IList<string>? Remove { get; set; }
}
