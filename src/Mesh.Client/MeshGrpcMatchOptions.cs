namespace Mesh.Client;

/// <summary>
/// The gRPC method that is meant: at least one of <see cref="Service"/> and <see cref="Method"/> (GRPCMethodMatch of the Gateway API).
/// </summary>
public sealed class MeshGrpcMatchOptions
{
    /// <summary>The full name of the gRPC service, package included: <c>shop.v1.Catalog</c>. Case matters. Default null: any.</summary>
    public string? Service { get; set; }

    /// <summary>The method's name: <c>GetItem</c>. Case matters. Default null: any.</summary>
    public string? Method { get; set; }

    /// <summary>
    /// Whether both are regular expressions for the whole name, in .NET's language and linear in time. Default false: names.
    /// </summary>
    public bool Regex { get; set; }
}
