namespace Mesh.Client;

/// <summary>
/// An answer instead of sending (Envoy's <c>abort</c>, Linkerd's failure injector): at least one of <see cref="Status"/> and
/// <see cref="GrpcStatus"/>.
/// </summary>
public sealed class MeshFaultAbortOptions
{
    /// <summary>
    /// The HTTP status, 200 to 599. A gRPC call without <see cref="GrpcStatus"/> gets Envoy's translation of it. Default null: 503.
    /// </summary>
    public int? Status { get; set; }

    /// <summary>
    /// The status that gRPC calls get, by its name: <c>Unavailable</c>, in configuration <c>UNAVAILABLE</c> too. Default null.
    /// </summary>
    public global::Grpc.Core.StatusCode? GrpcStatus { get; set; }

    /// <summary>The body of an HTTP answer, and gRPC's <c>grpc-message</c>. Default null: none.</summary>
    public string? Message { get; set; }

    /// <summary>Of calls, 0 to 1. Default 1: all.</summary>
    public double Ratio { get; set; } = 1;
}
