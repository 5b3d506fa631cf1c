namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>What broke a call or an attempt, as Linkerd's proxy tells it in the label <c>error</c> of statuses.</summary>
internal enum LinkerdFault
{
    None,
    FailFast,
    LoadShed,
    RequestTimeout,
    ResponseHeadersTimeout,
    ResponseStreamTimeout,
    IdleTimeout,
    Cancel,
    Refused,
    EnhanceYourCalm,
    Reset,
    Io,
    Unknown,
}
