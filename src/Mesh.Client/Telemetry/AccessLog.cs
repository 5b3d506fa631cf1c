using System.Globalization;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Telemetry.Calls;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Telemetry;

/// <summary>One line for each call, where <see cref="MeshTelemetryOptions.AccessLog"/> asks for it.</summary>
internal sealed partial class AccessLog(MeshConfiguration configuration, ILoggerFactory loggers) : ICallObserver
{
    public const string Category = "Mesh.Client.AccessLog";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    public bool IsEnabled => configuration.Current.Telemetry.AccessLog && _logger.IsEnabled(LogLevel.Information);

    public void OnAttemptEnded(IObservedCall call)
    {
    }

    public void OnCallEnded(IObservedCall call)
    {
        string path = call.Target.IsAbsoluteUri ? call.Target.AbsolutePath : "";
        string result = Result(call);
        string endpoint = call.Endpoint?.Name ?? "none";
        string reason = call.Endpoint is null ? "none" : MetricNames.Of(call.Reason);
        double duration = call.Duration.TotalMilliseconds;
        LogCall(call.Service, call.Method.Method, path, call.Route, result, call.Attempts, endpoint, reason, duration);
    }

    // The status, or why there is none.
    private static string Result(IObservedCall call) =>
        call.Failure is { } failure ? MetricNames.Of(failure)
        : call.Status is not { } status ? MetricNames.Of(call.Outcome)
        : call.IsGrpc ? string.Create(CultureInfo.InvariantCulture, $"grpc {status}")
        : status.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(EventId = 1, EventName = "Call", Level = LogLevel.Information, SkipEnabledCheck = true,
        Message = "{Service} {Method} {Path} {Route} {Result} attempts={Attempts} endpoint={Endpoint} reason={Reason} {Duration:0.0} ms")]
    private partial void LogCall(
        string service,
        string method,
        string path,
        string route,
        string result,
        int attempts,
        string endpoint,
        string reason,
        double duration);
}
