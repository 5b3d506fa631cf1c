using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Tracing;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>How a call or an attempt ended, as far as Linkerd's labels tell it.</summary>
/// <param name="IsGrpc">Whether it was gRPC.</param>
/// <param name="HttpStatus">Of the head, whatever became of the body; null where none came.</param>
/// <param name="GrpcStatus">Null where none came. One that gRPC does not know is its UNKNOWN.</param>
/// <param name="Fault">What broke.</param>
internal readonly record struct LinkerdResult(bool IsGrpc, int? HttpStatus, int? GrpcStatus, LinkerdFault Fault)
{
    /// <summary>gRPC's UNKNOWN.</summary>
    public const int Unknown = 2;

    private const int MaxGrpcStatus = 16;
    private const int MaxHttpStatus = 1022;

    /// <summary>All of it in one number: 1 bit of protocol, 10 and 5 of statuses, 4 of what broke.</summary>
    public int Code => (IsGrpc ? 1 : 0) | ((HttpStatus + 1 ?? 0) << 1) | ((GrpcStatus + 1 ?? 0) << 11) | ((int)Fault << 16);

    public static LinkerdResult FromCode(int code) =>
        new((code & 1) != 0, StatusFrom((code >> 1) & 0x3ff), StatusFrom((code >> 11) & 0x1f), (LinkerdFault)((code >> 16) & 0xf));

    /// <summary>A call has ended.</summary>
    public static LinkerdResult OfCall(IObservedCall call) => call.Failure is { } failure
        ? new(call.IsGrpc, null, null, LinkerdFaults.OfCall(failure, call))
        : OfAttempt(call);

    /// <summary>The latest attempt has ended.</summary>
    public static LinkerdResult OfAttempt(IObservedCall call)
    {
        int? head = call.HeadStatus is { } number ? Math.Clamp(number, 0, MaxHttpStatus) : null;
        bool isGrpc = call.IsGrpc;
        if (call.Status is not { } status)
        {
            return new(isGrpc, head, null, LinkerdFaults.OfAttempt(call));
        }

        int? grpc = !isGrpc || status is >= SpanOutcome.LeastHttpStatus ? null
            : status is < 0 or > MaxGrpcStatus ? Unknown
            : status;
        return new(isGrpc, head, grpc, LinkerdFault.None);
    }

    private static int? StatusFrom(int bits) => bits == 0 ? null : bits - 1;
}
