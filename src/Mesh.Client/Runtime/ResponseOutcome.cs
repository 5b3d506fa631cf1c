using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>Reads how an attempt ended from its response.</summary>
internal static class ResponseOutcome
{
    private const int Unknown = 2;

    /// <summary>The outcome as the head tells it; a gRPC call whose status has not come yet is a success until its trailers.</summary>
    public static AttemptOutcome Of(HttpResponseMessage response, bool isGrpc)
    {
        int status = (int)response.StatusCode;
        return isGrpc && status == 200
            ? OfGrpc(GrpcStatus(response.Headers) ?? 0)
            : new AttemptOutcome(status >= 400 ? AttemptResult.HttpStatus : AttemptResult.Success, status);
    }

    public static AttemptOutcome OfGrpc(int status) =>
        new(status == 0 ? AttemptResult.Success : AttemptResult.GrpcStatus, status);

    /// <summary>
    /// The outcome at the end of a gRPC response. One that ends without a status is gRPC's UNKNOWN, except for gRPC-Web, which has its
    /// status in the body.
    /// </summary>
    public static AttemptOutcome OfTrailers(HttpResponseMessage response) =>
        OfGrpc(GrpcStatus(response.TrailingHeaders) ?? (IsGrpcWeb(response.Content.Headers) ? 0 : Unknown));

    /// <summary>The gRPC status in headers or trailers; null when there is none.</summary>
    public static int? GrpcStatus(HttpHeaders headers) =>
        headers.NonValidated.TryGetValues("grpc-status", out HeaderStringValues values)
        && int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            ? status
            : null;

    private static bool IsGrpcWeb(HttpHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type)
        && type.ToString().StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);
}
