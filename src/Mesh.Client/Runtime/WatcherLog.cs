using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>What is logged of updates that could not be taken in: a source that breaks does so for every service that is watched.</summary>
internal sealed partial class WatcherLog : IDisposable
{
    private readonly ILogger _logger;
    private readonly LogStorm _failed;
    private readonly LogStorm _refused;

    public WatcherLog(TimeProvider time, ILogger<ServiceWatcher> logger)
    {
        _logger = logger;
        _failed = new LogStorm(time, LogMoreFailed);
        _refused = new LogStorm(time, LogMoreRefused);
    }

    public void SourceFailed(string service, Exception exception)
    {
        if (_failed.Allows())
        {
            LogSourceFailed(service, exception);
        }
    }

    public void UpdateRefused(string service, Exception exception)
    {
        if (_refused.Allows())
        {
            LogUpdateRefused(service, exception);
        }
    }

    public void Dispose()
    {
        _failed.Flush();
        _refused.Flush();
    }

    [LoggerMessage(EventId = 1, EventName = "SourceFailed", Level = LogLevel.Error,
        Message = "{Service}: a discovery source failed and is asked again; the last state stands")]
    private partial void LogSourceFailed(string service, Exception exception);

    [LoggerMessage(EventId = 2, EventName = "UpdateRefused", Level = LogLevel.Error,
        Message = "{Service}: an update could not be taken in; the last state stands")]
    private partial void LogUpdateRefused(string service, Exception exception);

    [LoggerMessage(EventId = 3, EventName = "MoreSourcesFailed", Level = LogLevel.Error,
        Message = "A discovery source failed {Count} more times in the last {Seconds} s")]
    private partial void LogMoreFailed(int count, double seconds);

    [LoggerMessage(EventId = 4, EventName = "MoreUpdatesRefused", Level = LogLevel.Error,
        Message = "{Count} more updates could not be taken in during the last {Seconds} s")]
    private partial void LogMoreRefused(int count, double seconds);
}
