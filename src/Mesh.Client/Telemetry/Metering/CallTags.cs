using System.Globalization;
using Mesh.Client.Telemetry.Tracing;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>Attributes of what is measured of calls. Names are OpenTelemetry's where it has them.</summary>
internal static class CallTags
{
    public static KeyValuePair<string, object?>[] OfCall(MeteredTraffic traffic, int code)
    {
        var result = CallResult.FromCode(code);
        List<KeyValuePair<string, object?>> tags = [.. OfTraffic(traffic)];
        tags.Add(result.IsGrpc ? new("rpc.system", "grpc") : new("http.request.method", MethodNames.NameAt(result.Method)));
        if (result.Status is { } status)
        {
            tags.Add(new(IsGrpcStatus(result) ? "rpc.grpc.status_code" : "http.response.status_code", status));
        }

        if (Error(result) is { } error)
        {
            tags.Add(new("error.type", error));
        }

        return [.. tags];
    }

    public static KeyValuePair<string, object?>[] OfAttempt(MeteredTraffic traffic, int outcome) =>
        [.. OfTraffic(traffic), new("mesh.outcome", MetricNames.Of((AttemptResult)outcome))];

    public static KeyValuePair<string, object?>[] OfPick(MeteredTraffic traffic, int reason) =>
        [new("mesh.service", traffic.Service), new("mesh.pick.reason", MetricNames.Of((PickReason)reason))];

    /// <summary>What went wrong in one word, gRPC's status by name, or HTTP's as text; null where nothing did.</summary>
    public static string? Error(in CallResult result) => result.Error switch
    {
        CallErrorKind.Status when IsGrpcStatus(result) => TraceNames.OfGrpc(result.Status!.Value),
        CallErrorKind.Status => result.Status?.ToString(CultureInfo.InvariantCulture),
        CallErrorKind.Mesh => MetricNames.Of((MeshFailure)result.Detail),
        CallErrorKind.Outcome => MetricNames.Of((AttemptResult)result.Detail),
        _ => null,
    };

    // A gRPC response that is none has an HTTP status.
    private static bool IsGrpcStatus(in CallResult result) => result.IsGrpc && result.Status < SpanOutcome.LeastHttpStatus;

    private static KeyValuePair<string, object?>[] OfTraffic(MeteredTraffic traffic) =>
    [
        new("mesh.service", traffic.Service),
        new("mesh.route", traffic.Route),
        new("mesh.backend", traffic.Backend),
    ];
}
