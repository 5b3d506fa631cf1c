using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>What spans call things by, as OpenTelemetry's conventions have it.</summary>
internal static class TraceNames
{
    private static readonly string[] GrpcStatuses =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    /// <summary>The <c>package.Service</c> and the method that a gRPC call's path names.</summary>
    public static bool TryReadMethod(Uri target, [NotNullWhen(true)] out string? service, [NotNullWhen(true)] out string? method)
    {
        string path = target.AbsolutePath;
        int slash = path.LastIndexOf('/');
        bool isRead = slash > 1 && slash < path.Length - 1;
        (service, method) = isRead ? (path[1..slash], path[(slash + 1)..]) : (null, null);
        return isRead;
    }

    /// <summary>What is shown: of a gRPC call its method, of another the HTTP method and what it was for.</summary>
    public static string Display(HttpRequestMessage request, bool isGrpc, string what) =>
        isGrpc && request.RequestUri!.AbsolutePath is { Length: > 1 } path ? path[1..] : $"{MethodNames.Find(request.Method) ?? "HTTP"} {what}";

    public static string OfGrpc(int status) =>
        (uint)status < (uint)GrpcStatuses.Length ? GrpcStatuses[status] : "UNKNOWN";
}
