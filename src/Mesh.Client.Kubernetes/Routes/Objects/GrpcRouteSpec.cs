using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>Of a GRPCRoute. Hostnames are not read: a mesh ignores them (GEP-1426).</summary>
internal sealed class GrpcRouteSpec
{
    [JsonPropertyName("parentRefs")]
    public IList<ParentReference>? ParentRefs { get; set; }

    [JsonPropertyName("rules")]
    public IList<GrpcRouteRule>? Rules { get; set; }
}
