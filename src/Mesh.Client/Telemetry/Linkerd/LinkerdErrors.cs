using System.Globalization;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>Failures in Linkerd's words.</summary>
internal static class LinkerdErrors
{
    private static readonly string[] GrpcNames =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    public static string GrpcStatusName(int status) =>
        status < GrpcNames.Length ? GrpcNames[status] : status.ToString(CultureInfo.InvariantCulture);

    public static LinkerdError Of(MeshFailure failure) => failure switch
    {
        MeshFailure.WaitingLimit or MeshFailure.Limit => LinkerdError.LoadShed,
        MeshFailure.NoEndpoint or MeshFailure.DiscoveryUnavailable => LinkerdError.FailFast,
        MeshFailure.Identity or MeshFailure.NoCredential or MeshFailure.NotSecured => LinkerdError.IdentityRequired,
        MeshFailure.Transport => LinkerdError.Io,
        MeshFailure.Timeout => LinkerdError.ResponseTimeout,
        _ => LinkerdError.Unexpected,
    };

    public static string NameOf(LinkerdError error) => error switch
    {
        LinkerdError.LoadShed => "loadshed",
        LinkerdError.FailFast => "failfast",
        LinkerdError.IdentityRequired => "identity required",
        LinkerdError.Io => "i/o",
        LinkerdError.ResponseTimeout => "response timeout",
        _ => "unexpected",
    };

    /// <summary>The label <c>error</c> of statuses; empty where a call was answered.</summary>
    public static string ResponseError(in CallResult result) => result.Error switch
    {
        CallErrorKind.Mesh => Of((MeshFailure)result.Detail) switch
        {
            LinkerdError.LoadShed => "LoadShed",
            LinkerdError.FailFast => "FailFast",
            LinkerdError.Io => "Io",
            LinkerdError.ResponseTimeout => "RequestTimeout",
            _ => "Unknown",
        },
        CallErrorKind.Outcome => (AttemptResult)result.Detail switch
        {
            AttemptResult.Cancelled => "Cancel",
            AttemptResult.Refused => "Refused",
            AttemptResult.Reset => "Reset",
            AttemptResult.Timeout => "ResponseHeadersTimeout",
            AttemptResult.ConnectFailure => "Io",
            _ => "Unknown",
        },
        _ => "",
    };
}
