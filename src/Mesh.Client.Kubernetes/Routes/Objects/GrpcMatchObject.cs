using System.Text.Json.Serialization;

namespace Mesh.Client.Kubernetes.Routes.Objects;

/// <summary>What a gRPC call must be.</summary>
internal sealed class GrpcMatchObject
{
    [JsonPropertyName("method")]
    public GrpcMethodObject? Method { get; set; }

    [JsonPropertyName("headers")]
    public IList<TypedValue>? Headers { get; set; }
}
