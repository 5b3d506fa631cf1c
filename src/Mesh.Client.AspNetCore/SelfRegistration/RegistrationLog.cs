using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>What is logged of this server's own registration.</summary>
internal sealed partial class RegistrationLog(ILogger<ServerRegistration> logger)
{
    [LoggerMessage(EventId = 1, EventName = "Registered", Level = LogLevel.Information,
        Message = "Registered as instance {Instance} of {Service} at {Address} with the control plane {ControlPlane}.")]
    public partial void Registered(string instance, string service, string address, string controlPlane);

    [LoggerMessage(EventId = 2, EventName = "RegistrationLost", Level = LogLevel.Warning,
        Message = "The control plane {ControlPlane} does not hold the registration for {Service}: {Reason}. It is tried again.")]
    public partial void Lost(string controlPlane, string service, string reason);

    [LoggerMessage(EventId = 3, EventName = "RegistrationRefused", Level = LogLevel.Warning,
        Message = "The control plane {ControlPlane} refuses the registration for {Service}: {Reason}. It is tried again.")]
    public partial void Refused(string controlPlane, string service, string reason);

    [LoggerMessage(EventId = 4, EventName = "RegistrationLeft", Level = LogLevel.Information,
        Message = "No longer registered for {Service}: the application stops.")]
    public partial void Left(string service);

    [LoggerMessage(EventId = 5, EventName = "NothingToRegister", Level = LogLevel.Warning,
        Message = "Not registered for {Service}: none of the addresses '{Addresses}' can be told to clients. A TCP port is needed, "
            + "with http where Identity:Source is None; or set Server:Address.")]
    public partial void NothingToRegister(string service, string addresses);

    [LoggerMessage(EventId = 6, EventName = "RegistrationFailed", Level = LogLevel.Error,
        Message = "The registration for {Service} has met with a fault. It is tried again.")]
    public partial void Failed(Exception exception, string service);
}
