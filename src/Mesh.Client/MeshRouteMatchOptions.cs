namespace Mesh.Client;

/// <summary>
/// What a request must be; every part that is given must hold (HTTPRouteMatch and GRPCRouteMatch of the Gateway API). Without parts every
/// request is meant.
/// </summary>
public sealed class MeshRouteMatchOptions
{
    /// <summary>What its path must be. Not together with <see cref="Grpc"/>. Default null: any.</summary>
    public MeshPathMatchOptions? Path { get; set; }

    /// <summary>
    /// Which gRPC method it must call, with a POST. Not together with <see cref="Path"/>, <see cref="Query"/> and <see cref="Method"/>.
    /// Default null: any.
    /// </summary>
    public MeshGrpcMatchOptions? Grpc { get; set; }

    /// <summary>What its headers must be, all of them; a name stands here once. Default null: any.</summary>
    public IList<MeshNamedMatchOptions>? Headers { get; set; }

    /// <summary>What its query parameters must be, all of them; a name stands here once. Default null: any.</summary>
    public IList<MeshNamedMatchOptions>? Query { get; set; }

    /// <summary>Its HTTP method, such as <c>GET</c>; case matters, but for the well-known ones. Default null: any.</summary>
    public string? Method { get; set; }
}
