using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Providers;

internal sealed partial class ProviderSource
{
    [LoggerMessage(EventId = 1, EventName = "ProviderFailed", Level = LogLevel.Warning,
        Message = "{Service}: {Problem}. The last state stands.")]
    private partial void LogFailed(ServiceName service, string problem);

    [LoggerMessage(EventId = 2, EventName = "ProvidersAnswer", Level = LogLevel.Information,
        Message = "The providers of service discovery answer again for {Service}.")]
    private partial void LogRecovered(ServiceName service);

    [LoggerMessage(EventId = 3, EventName = "BadInput", Level = LogLevel.Warning,
        Message = "A provider of service discovery gave what makes no sense; it was left out: {Problem}. "
            + "Further ones of this kind are not logged.")]
    private partial void LogBadInput(string problem);

    [LoggerMessage(EventId = 4, EventName = "ProvidersFailedForMore", Level = LogLevel.Warning,
        Message = "The providers of service discovery failed for {Count} more services in the last {Seconds} s. Their last states stand.")]
    private partial void LogMoreFailed(int count, double seconds);

    [LoggerMessage(EventId = 5, EventName = "ProvidersAnswerForMore", Level = LogLevel.Information,
        Message = "The providers of service discovery answer again for {Count} more services since the last {Seconds} s.")]
    private partial void LogMoreRecovered(int count, double seconds);
}
