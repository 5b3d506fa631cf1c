using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Destination;
using Microsoft.Extensions.Logging;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.SelfRegistration;

internal sealed partial class ServerRegistration
{
    private void Registered(Uri controlPlane, Wire.Registration wire, string address)
    {
        _lost.Reset();
        metrics.Own(RegistryMetrics.Registered);
        string now = $"registered at {address}";
        if (Changes(now))
        {
            LogRegistered(wire.Instance, wire.Service, address, controlPlane);
        }
    }

    /// <summary>Says so once, and waits before the next try.</summary>
    private async Task Failed(Uri controlPlane, RpcException failure, CancellationToken leave)
    {
        bool refused = IsRefusal(failure.StatusCode);
        metrics.Own(refused ? RegistryMetrics.Refused : RegistryMetrics.Lost);

        // A refusal says at its end what allows it.
        string reason = refused ? RpcReason.Detail(failure, RpcReason.MaxOwnLength) : RpcReason.Short(failure);
        if (refused ? Changes(reason) : Changes(RegistryMetrics.Lost))
        {
            if (refused)
            {
                LogRefused(controlPlane, options.Value.Service!, reason);
            }
            else
            {
                LogLost(controlPlane, options.Value.Service!, reason);
            }
        }

        await Task.Delay(refused ? _refused.Next() : _lost.Next(), time, leave).ConfigureAwait(false);
    }

    /// <summary>The registry has heard us and says no; asking at once again would not help.</summary>
    private static bool IsRefusal(StatusCode code) => code is
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.PermissionDenied or StatusCode.Unauthenticated
        or StatusCode.Unimplemented or StatusCode.ResourceExhausted or StatusCode.Aborted or StatusCode.NotFound;

    private bool Changes(string state)
    {
        bool changes = state != _said;
        _said = state;
        return changes;
    }

    [LoggerMessage(EventId = 1, EventName = "Registered", Level = LogLevel.Information,
        Message = "Registered as instance {Instance} of {Service} at {Address} with the control plane {ControlPlane}.")]
    private partial void LogRegistered(string instance, string service, string address, Uri controlPlane);

    [LoggerMessage(EventId = 2, EventName = "RegistrationLost", Level = LogLevel.Warning,
        Message = "The control plane {ControlPlane} does not hold the registration for {Service}: {Reason}. It is tried again.")]
    private partial void LogLost(Uri controlPlane, string service, string reason);

    [LoggerMessage(EventId = 3, EventName = "RegistrationRefused", Level = LogLevel.Warning,
        Message = "The control plane {ControlPlane} refuses the registration for {Service}: {Reason}. It is tried again, but rarely.")]
    private partial void LogRefused(Uri controlPlane, string service, string reason);

    [LoggerMessage(EventId = 4, EventName = "RegistrationLeft", Level = LogLevel.Information,
        Message = "No longer registered for {Service}: the application stops.")]
    private partial void LogLeft(string service);

    [LoggerMessage(EventId = 5, EventName = "NothingToRegister", Level = LogLevel.Warning,
        Message = "Not registered for {Service}: none of the addresses '{Addresses}' can be told to clients. A TCP port is needed, "
            + "with http where Identity:Source is None; or set Server:Address.")]
    private partial void LogNothingToRegister(string service, string addresses);

    [LoggerMessage(EventId = 6, EventName = "RegistrationFailed", Level = LogLevel.Error, Message = "Registration has ended by a fault.")]
    private partial void LogFailed(Exception exception);
}
