using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>What is logged of instances. After a restart of the control plane all of them are back within a second.</summary>
internal sealed partial class RegistryLog : IDisposable
{
    private readonly ILogger _logger;
    private readonly LogStorm _registered;
    private readonly LogStorm _gone;

    public RegistryLog(TimeProvider time, ILogger<RegistryService> logger)
    {
        _logger = logger;
        _registered = new LogStorm(time, LogMoreRegistered);
        _gone = new LogStorm(time, LogMoreGone);
    }

    public void Registered(RegisteredInstance instance)
    {
        if (_registered.Allows())
        {
            LogRegistered(instance.Name, instance.Service, instance.Endpoint.Address);
        }
    }

    public void Gone(RegisteredInstance instance, string outcome)
    {
        if (_gone.Allows())
        {
            LogGone(instance.Name, instance.Service, instance.Endpoint.Address, outcome);
        }
    }

    /// <summary>Whoever refuses says how often.</summary>
    [LoggerMessage(EventId = 3, EventName = "InstanceRefused", Level = LogLevel.Warning,
        Message = "A registration from {From} is refused: {Reason}")]
    public partial void Refused(IPAddress? from, string reason);

    public void Dispose()
    {
        _registered.Flush();
        _gone.Flush();
    }

    [LoggerMessage(EventId = 1, EventName = "InstanceRegistered", Level = LogLevel.Information,
        Message = "Instance {Instance} of {Service} has registered at {Address}.")]
    private partial void LogRegistered(string instance, string service, EndpointAddress address);

    [LoggerMessage(EventId = 2, EventName = "InstanceGone", Level = LogLevel.Information,
        Message = "Instance {Instance} of {Service} at {Address} is gone: {Outcome}.")]
    private partial void LogGone(string instance, string service, EndpointAddress address, string outcome);

    [LoggerMessage(EventId = 4, EventName = "MoreInstancesRegistered", Level = LogLevel.Information,
        Message = "{Count} more instances have registered in the last {Seconds} s.")]
    private partial void LogMoreRegistered(int count, double seconds);

    [LoggerMessage(EventId = 5, EventName = "MoreInstancesGone", Level = LogLevel.Information,
        Message = "{Count} more instances have gone in the last {Seconds} s.")]
    private partial void LogMoreGone(int count, double seconds);
}
