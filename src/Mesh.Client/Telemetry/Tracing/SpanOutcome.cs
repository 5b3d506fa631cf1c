using System.Diagnostics;
using System.Globalization;
using Mesh.Client.Resilience;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>Writes how an attempt or a call ended: a status, and where it is an error, what kind of error.</summary>
internal static class SpanOutcome
{
    // A gRPC response that is none has an HTTP status, and those begin here.
    public const int LeastHttpStatus = 100;
    private const int LeastHttpError = 400;

    public static void Write(Activity span, AttemptOutcome outcome, bool isGrpc)
    {
        switch (outcome.Kind)
        {
            case AttemptResult.Success or AttemptResult.GrpcStatus when isGrpc && outcome.StatusCode < LeastHttpStatus:
                WriteGrpc(span, outcome.StatusCode);
                break;
            case AttemptResult.Success or AttemptResult.HttpStatus:
                span.SetTag("http.response.status_code", outcome.StatusCode);
                if (outcome.StatusCode >= LeastHttpError)
                {
                    Fail(span, outcome.StatusCode.ToString(CultureInfo.InvariantCulture));
                }

                break;
            default:
                Fail(span, MetricNames.Of(outcome.Kind));
                break;
        }
    }

    public static void WriteGrpc(Activity span, int status)
    {
        span.SetTag("rpc.grpc.status_code", status);
        if (status != 0)
        {
            Fail(span, TraceNames.OfGrpc(status));
        }
    }

    /// <param name="span">Of what failed.</param>
    /// <param name="type">One of few words.</param>
    /// <param name="description">More of it, in words that hold nothing of the caller's; null where the type says it all.</param>
    public static void Fail(Activity span, string type, string? description = null)
    {
        span.SetTag("error.type", type);
        span.SetStatus(ActivityStatusCode.Error, description);
    }
}
