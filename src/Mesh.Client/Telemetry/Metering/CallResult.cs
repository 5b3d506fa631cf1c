using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>How a call ended, as far as it is an attribute.</summary>
/// <param name="Method">As <see cref="MethodNames"/> numbers it; 0 for gRPC.</param>
/// <param name="IsGrpc">Whose statuses those are.</param>
/// <param name="Status">Null where nothing was answered.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="Detail">The <see cref="MeshFailure"/> or the <see cref="AttemptResult"/>.</param>
internal readonly record struct CallResult(int Method, bool IsGrpc, int? Status, CallErrorKind Error, int Detail)
{
    private const int MaxStatus = 1022;

    /// <summary>All of it in one number: 4 bits of method, 1 of protocol, 10 of status, 2 and 5 of error.</summary>
    public int Code => Method | (IsGrpc ? 1 << 4 : 0) | ((Status + 1 ?? 0) << 5) | ((int)Error << 15) | (Detail << 17);

    public static CallResult FromCode(int code)
    {
        int status = (code >> 5) & 0x3ff;
        return new(code & 0xf, (code & (1 << 4)) != 0, status == 0 ? null : status - 1, (CallErrorKind)((code >> 15) & 3), code >> 17);
    }

    public static CallResult Of(IObservedCall call)
    {
        bool isGrpc = call.IsGrpc;
        int method = isGrpc ? 0 : MethodNames.IndexOf(call.Method);
        if (call.Failure is { } failure)
        {
            return new(method, isGrpc, null, CallErrorKind.Mesh, (int)failure);
        }

        int? status = call.Status is { } number ? Math.Clamp(number, 0, MaxStatus) : null;
        return call.Succeeded switch
        {
            true => new(method, isGrpc, status, CallErrorKind.None, 0),
            null => new(method, isGrpc, status, CallErrorKind.Outcome, (int)AttemptResult.Cancelled),
            _ => status is not null
                ? new(method, isGrpc, status, CallErrorKind.Status, 0)
                : new(method, isGrpc, null, CallErrorKind.Outcome, (int)call.Outcome),
        };
    }

    /// <summary>An attempt under way has ended.</summary>
    public static CallResult OfAttempt(IObservedCall call)
    {
        int? status = call.Status is { } number ? Math.Clamp(number, 0, MaxStatus) : null;
        return status is null
            ? new(0, call.IsGrpc, null, CallErrorKind.Outcome, (int)call.Outcome)
            : new(0, call.IsGrpc, status, CallErrorKind.None, 0);
    }
}
