using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>What is logged of requests that limits refuse: one line as it begins, and one for the rest.</summary>
internal sealed partial class GateLog : IDisposable
{
    private readonly ILogger _logger;
    private readonly LogStorm _storm;

    public GateLog(TimeProvider time, ILogger<ControlPlaneGate> logger)
    {
        _logger = logger;
        _storm = new LogStorm(time, LogMore, first: 1);
    }

    public void Refused(string problem)
    {
        if (_storm.Allows())
        {
            LogRefused(problem);
        }
    }

    public void Dispose() => _storm.Flush();

    [LoggerMessage(EventId = 1, EventName = "LoadShed", Level = LogLevel.Warning,
        Message = "The control plane refuses requests: {Problem}. What is open stays, and clients keep what they know.")]
    private partial void LogRefused(string problem);

    [LoggerMessage(EventId = 2, EventName = "MoreLoadShed", Level = LogLevel.Warning,
        Message = "The control plane refused {Count} more requests in the last {Seconds} s.")]
    private partial void LogMore(int count, double seconds);
}
