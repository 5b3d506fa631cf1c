namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>gRPC's statuses by name.</summary>
internal static class GrpcStatusNames
{
    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    /// <summary>None, and one that there is no name for, is UNKNOWN.</summary>
    public static string Of(int? status) =>
        Names[status is { } number && (uint)number < (uint)Names.Length ? number : LinkerdResult.Unknown];
}
