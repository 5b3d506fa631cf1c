using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Destination;

internal sealed partial class DestinationSource
{
    [LoggerMessage(EventId = 1, EventName = "ControlPlaneLost", Level = LogLevel.Warning,
        Message = "The {Source} is out of reach for {Service}: {Reason}. The last state stands.")]
    private partial void LogLost(string source, ServiceName service, string reason);

    [LoggerMessage(EventId = 2, EventName = "ControlPlaneFound", Level = LogLevel.Information,
        Message = "The {Source} answers again for {Service}.")]
    private partial void LogFound(string source, ServiceName service);

    [LoggerMessage(EventId = 3, EventName = "ServiceRefused", Level = LogLevel.Warning,
        Message = "The {Source} refuses {Service}: {Reason}. It is not asked again.")]
    private partial void LogRefused(string source, ServiceName service, string reason);

    [LoggerMessage(EventId = 4, EventName = "BadInput", Level = LogLevel.Warning,
        Message = "The {Source} sent what makes no sense; it was left out: {Problem}. Further ones of this kind are not logged.")]
    private partial void LogBadInput(string source, string problem);
}
