using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>What is done to a call; only the part that its type names counts.</summary>
internal sealed class RouteFilterObject
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [JsonPropertyName("requestHeaderModifier")]
    public HeaderChanges? RequestHeaderModifier { get; set; }

    [JsonPropertyName("responseHeaderModifier")]
    public HeaderChanges? ResponseHeaderModifier { get; set; }

    [JsonPropertyName("requestMirror")]
    public RequestMirror? RequestMirror { get; set; }

    [JsonPropertyName("requestRedirect")]
    public RequestRedirect? RequestRedirect { get; set; }

    [JsonPropertyName("urlRewrite")]
    public UrlRewrite? UrlRewrite { get; set; }
}
