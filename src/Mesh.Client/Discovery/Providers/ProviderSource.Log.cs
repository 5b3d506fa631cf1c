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
}
