using Mesh.Client.Resilience.Timeouts;
using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>Finds and names what Linkerd's proxy would say had broken.</summary>
internal static class LinkerdFaults
{
    private const long RefusedStream = 0x7;
    private const long Cancel = 0x8;
    private const long EnhanceYourCalm = 0xb;

    /// <summary>Of a call that the mesh itself ended.</summary>
    public static LinkerdFault OfCall(MeshFailure failure, IObservedCall call) => failure switch
    {
        MeshFailure.WaitingLimit or MeshFailure.Limit => LinkerdFault.LoadShed,
        MeshFailure.NoEndpoint or MeshFailure.DiscoveryUnavailable => LinkerdFault.FailFast,
        MeshFailure.Timeout => OfTimeout(call.Late),
        MeshFailure.Transport => OfAttempt(call),
        _ => LinkerdFault.Unknown,
    };

    /// <summary>Of the latest attempt, which was not answered in full.</summary>
    public static LinkerdFault OfAttempt(IObservedCall call) => call.Outcome switch
    {
        AttemptResult.Cancelled => LinkerdFault.Cancel,
        AttemptResult.Refused => LinkerdFault.Refused,
        AttemptResult.Timeout => OfTimeout(call.Late),
        AttemptResult.ConnectFailure => LinkerdFault.Io,
        AttemptResult.Reset => OfReset(call.Error),
        _ => LinkerdFault.Unknown,
    };

    /// <summary>The label <c>error</c> of statuses; empty where nothing broke.</summary>
    public static string NameOf(LinkerdFault fault) => fault switch
    {
        LinkerdFault.None => "",
        LinkerdFault.FailFast => "FAIL_FAST",
        LinkerdFault.LoadShed => "LOAD_SHED",
        LinkerdFault.RequestTimeout => "REQUEST_TIMEOUT",
        LinkerdFault.ResponseHeadersTimeout => "RESPONSE_HEADERS_TIMEOUT",
        LinkerdFault.ResponseStreamTimeout => "RESPONSE_STREAM_TIMEOUT",
        LinkerdFault.IdleTimeout => "IDLE_TIMEOUT",
        LinkerdFault.Cancel => "CANCEL",
        LinkerdFault.Refused => "REFUSED",
        LinkerdFault.EnhanceYourCalm => "ENHANCE_YOUR_CALM",
        LinkerdFault.Reset => "RESET",
        LinkerdFault.Io => "IO",
        _ => "UNKNOWN",
    };

    /// <summary>The same of <c>response_total</c>, whose words are older.</summary>
    public static string ClassOf(LinkerdFault fault) => fault switch
    {
        LinkerdFault.None => "",
        LinkerdFault.ResponseHeadersTimeout => "timeout",
        LinkerdFault.Cancel => "h2(CANCEL)",
        LinkerdFault.Refused => "h2(REFUSED_STREAM)",
        LinkerdFault.EnhanceYourCalm => "h2(ENHANCE_YOUR_CALM)",
        _ => "unclassified",
    };

    private static LinkerdFault OfTimeout(TimeoutKind kind) => kind switch
    {
        TimeoutKind.Attempt or TimeoutKind.Try or TimeoutKind.ResponseHead => LinkerdFault.ResponseHeadersTimeout,
        TimeoutKind.Response => LinkerdFault.ResponseStreamTimeout,
        TimeoutKind.Idle => LinkerdFault.IdleTimeout,
        _ => LinkerdFault.RequestTimeout,
    };

    private static LinkerdFault OfReset(Exception? error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException { ErrorCode: var code })
            {
                return code switch
                {
                    RefusedStream => LinkerdFault.Refused,
                    Cancel => LinkerdFault.Cancel,
                    EnhanceYourCalm => LinkerdFault.EnhanceYourCalm,
                    _ => LinkerdFault.Reset,
                };
            }
        }

        return error is null ? LinkerdFault.Reset : LinkerdFault.Io;
    }
}
