namespace Mesh.Client.Model.Routes.Filters;

/// <summary>Answers instead of sending.</summary>
/// <param name="HttpStatus">
/// 200 to 599; what a gRPC call gets when <paramref name="GrpcStatus"/> is null is Envoy's translation of it.
/// </param>
/// <param name="GrpcStatus">0 to 16, for gRPC calls; others get <paramref name="HttpStatus"/>, or 503 where that is null too.</param>
/// <param name="Message">The body of an HTTP answer, or gRPC's <c>grpc-message</c>.</param>
/// <param name="Ratio">Of calls, 0 to 1.</param>
internal sealed record FaultAbort(int? HttpStatus, int? GrpcStatus, string? Message, double Ratio);
