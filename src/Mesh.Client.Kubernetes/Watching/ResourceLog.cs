using System.Collections.Concurrent;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>What people are told of the API server: outages, refusals, and each kind of bad input once.</summary>
internal sealed partial class ResourceLog
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);
    private readonly string _server;
    private readonly ILogger _logger;
    private readonly Action<BadInput>? _badInput;
    private readonly LogStorm _lost;
    private readonly LogStorm _found;
    private readonly LogStorm _refused;
    private readonly LogStorm _failed;

    /// <param name="server">In words.</param>
    /// <param name="time">Measures how much of an outage is told at once: it is one for every list.</param>
    /// <param name="logger">Told.</param>
    /// <param name="badInput">Told of every bad input: a counter.</param>
    public ResourceLog(string server, TimeProvider time, ILogger logger, Action<BadInput>? badInput)
    {
        (_server, _logger, _badInput) = (server, logger, badInput);
        _lost = new LogStorm(time, (count, seconds) => LogMoreLost(server, count, seconds));
        _found = new LogStorm(time, (count, seconds) => LogMoreFound(server, count, seconds));
        _refused = new LogStorm(time, (count, seconds) => LogMoreRefused(server, count, seconds));
        _failed = new LogStorm(time, (count, seconds) => LogMoreFailed(server, count, seconds));
    }

    public void Report(BadInput input)
    {
        _badInput?.Invoke(input);
        if (_reported.TryAdd(input.Kind, true))
        {
            LogBadInput(_server, input.Text);
        }
    }

    public void Lost(ApiResource resource, string reason)
    {
        if (_lost.Allows())
        {
            LogLost(_server, resource, reason);
        }
    }

    public void Found(ApiResource resource)
    {
        if (_found.Allows())
        {
            LogFound(_server, resource);
        }
    }

    /// <summary>RBAC does not allow it: people have to do something.</summary>
    public void Denied(ApiResource resource, string reason)
    {
        if (_refused.Allows())
        {
            LogDenied(_server, resource, reason);
        }
    }

    /// <summary>The kind is not there, which is no problem for most.</summary>
    public void NotServed(ApiResource resource) => LogNotServed(_server, resource);

    /// <summary>A bug. Its message may hold what is secret; where it was holds nothing.</summary>
    public void Failed(ApiResource resource, Exception exception)
    {
        if (_failed.Allows())
        {
            LogFailed(_server, resource, exception.GetType().Name, exception.StackTrace);
        }
    }

    /// <summary>Tells at once what is left to tell.</summary>
    public void Flush()
    {
        _lost.Flush();
        _found.Flush();
        _refused.Flush();
        _failed.Flush();
    }

    [LoggerMessage(EventId = 1, EventName = "ApiServerLost", Level = LogLevel.Warning,
        Message = "{Server} is out of reach for {Resource}: {Reason}. The last state stands.")]
    private partial void LogLost(string server, ApiResource resource, string reason);

    [LoggerMessage(EventId = 2, EventName = "ApiServerFound", Level = LogLevel.Information,
        Message = "{Server} answers again for {Resource}.")]
    private partial void LogFound(string server, ApiResource resource);

    [LoggerMessage(EventId = 3, EventName = "AccessDenied", Level = LogLevel.Warning,
        Message = "{Server} denies {Resource}: {Reason}. It is asked again within a minute, later within 10.")]
    private partial void LogDenied(string server, ApiResource resource, string reason);

    [LoggerMessage(EventId = 4, EventName = "BadInput", Level = LogLevel.Warning,
        Message = "{Server} sent what makes no sense; it was left out: {Problem}. Further ones of this kind are not logged.")]
    private partial void LogBadInput(string server, string problem);

    [LoggerMessage(EventId = 5, EventName = "KindNotServed", Level = LogLevel.Debug,
        Message = "{Server} does not serve {Resource} now. It is asked again within a minute, later within 10.")]
    private partial void LogNotServed(string server, ApiResource resource);

    [LoggerMessage(EventId = 6, EventName = "ApiServerLostForMore", Level = LogLevel.Warning,
        Message = "{Server} went out of reach for {Count} more lists in the last {Seconds} s. Their last states stand.")]
    private partial void LogMoreLost(string server, int count, double seconds);

    [LoggerMessage(EventId = 7, EventName = "ApiServerFoundForMore", Level = LogLevel.Information,
        Message = "{Server} answers again for {Count} more lists since the last {Seconds} s.")]
    private partial void LogMoreFound(string server, int count, double seconds);

    [LoggerMessage(EventId = 8, EventName = "AccessDeniedForMore", Level = LogLevel.Warning,
        Message = "{Server} denied {Count} more lists in the last {Seconds} s. They are asked for again within a minute, later within 10.")]
    private partial void LogMoreRefused(string server, int count, double seconds);

    [LoggerMessage(EventId = 9, EventName = "WatchFailed", Level = LogLevel.Error,
        Message = "{Server}: the watch of {Resource} failed by an unforeseen {Exception}, and begins anew. {Stack}")]
    private partial void LogFailed(string server, ApiResource resource, string exception, string? stack);

    [LoggerMessage(EventId = 10, EventName = "MoreWatchesFailed", Level = LogLevel.Error,
        Message = "Watches at {Server} failed {Count} more times by unforeseen exceptions in the last {Seconds} s.")]
    private partial void LogMoreFailed(string server, int count, double seconds);
}
