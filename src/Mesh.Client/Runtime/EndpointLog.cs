using Mesh.Client.Health;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>What is logged of endpoints. A network that breaks takes a thousand with it: then the first few have a line each.</summary>
internal sealed partial class EndpointLog : IDisposable
{
    private readonly ILogger _logger;
    private readonly LogStorm _shut;
    private readonly LogStorm _returned;
    private readonly LogStorm _lost;
    private readonly LogStorm _reached;

    public EndpointLog(TimeProvider time, ILogger<EndpointRuntime> logger)
    {
        _logger = logger;
        _shut = new LogStorm(time, LogMoreShut);
        _returned = new LogStorm(time, LogMoreReturned);
        _lost = new LogStorm(time, LogMoreLost);
        _reached = new LogStorm(time, LogMoreReached);
    }

    public void Shut(string service, EndpointAddress endpoint, TimeSpan penalty, string cause)
    {
        if (_shut.Allows())
        {
            LogShut(service, endpoint, penalty, cause);
        }
    }

    public void Returned(string service, EndpointAddress endpoint, AccrualState state)
    {
        if (_returned.Allows())
        {
            LogReturned(service, endpoint, state);
        }
    }

    public void Lost(string service, string error)
    {
        if (_lost.Allows())
        {
            LogLost(service, error);
        }
    }

    public void Reached(string service, EndpointAddress endpoint)
    {
        if (_reached.Allows())
        {
            LogReached(service, endpoint);
        }
    }

    public void Dispose()
    {
        _shut.Flush();
        _returned.Flush();
        _lost.Flush();
        _reached.Flush();
    }

    [LoggerMessage(EventId = 1, EventName = "EndpointShut", Level = LogLevel.Warning,
        Message = "{Service}: {Endpoint} is shut for {Penalty} after {Cause}")]
    private partial void LogShut(string service, EndpointAddress endpoint, TimeSpan penalty, string cause);

    [LoggerMessage(EventId = 2, EventName = "EndpointReturned", Level = LogLevel.Information,
        Message = "{Service}: {Endpoint} may be called again ({State})")]
    private partial void LogReturned(string service, EndpointAddress endpoint, AccrualState state);

    [LoggerMessage(EventId = 3, EventName = "EndpointLost", Level = LogLevel.Warning,
        Message = "{Service}: out of reach and tried in the background: {Error}")]
    private partial void LogLost(string service, string error);

    [LoggerMessage(EventId = 4, EventName = "EndpointReached", Level = LogLevel.Information,
        Message = "{Service}: {Endpoint} can be reached again")]
    private partial void LogReached(string service, EndpointAddress endpoint);

    [LoggerMessage(EventId = 5, EventName = "MoreEndpointsShut", Level = LogLevel.Warning,
        Message = "{Count} more endpoints were shut in the last {Seconds} s")]
    private partial void LogMoreShut(int count, double seconds);

    [LoggerMessage(EventId = 6, EventName = "MoreEndpointsReturned", Level = LogLevel.Information,
        Message = "{Count} more endpoints may be called again since the last {Seconds} s")]
    private partial void LogMoreReturned(int count, double seconds);

    [LoggerMessage(EventId = 7, EventName = "MoreEndpointsLost", Level = LogLevel.Warning,
        Message = "{Count} more endpoints went out of reach in the last {Seconds} s")]
    private partial void LogMoreLost(int count, double seconds);

    [LoggerMessage(EventId = 8, EventName = "MoreEndpointsReached", Level = LogLevel.Information,
        Message = "{Count} more endpoints can be reached again since the last {Seconds} s")]
    private partial void LogMoreReached(int count, double seconds);
}
