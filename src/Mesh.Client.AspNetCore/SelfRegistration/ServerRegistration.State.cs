using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.SelfRegistration;

internal sealed partial class ServerRegistration
{
    private const string Waiting = "waiting";

    /// <summary>The name that it is registered by; null before it first is.</summary>
    public string? Instance { get; private set; }

    /// <summary>For the status, in one word; null where it does not register.</summary>
    public string? State { get; private set; }

    private void Registered(Uri controlPlane, Wire.Registration wire, string address)
    {
        _wasRegistered = true;
        (Instance, State) = (wire.Instance, RegistryMetrics.Registered);
        _lost.Reset();
        _taken.Reset();
        metrics.Own(RegistryMetrics.Registered);
        string now = $"registered at {address}";
        if (Changes(now))
        {
            string where = ControlPlaneAddress.Text(controlPlane);
            LogRegistered(wire.Instance, wire.Service, address, where);
        }
    }

    /// <summary>Says so once.</summary>
    /// <returns>How long to wait before the next try.</returns>
    private TimeSpan Failed(Uri controlPlane, RpcException failure)
    {
        bool refused = IsRefusal(failure.StatusCode);
        metrics.Own(refused ? RegistryMetrics.Refused : RegistryMetrics.Lost);
        State = refused ? RegistryMetrics.Refused : Waiting;

        // A refusal says at its end what allows it.
        string reason = refused ? RpcReason.Detail(failure, RpcReason.MaxOwnLength) : RpcReason.Short(failure);
        Lose(controlPlane, refused ? null : reason);
        if (refused ? Changes(reason) : Changes(RegistryMetrics.Lost))
        {
            if (refused)
            {
                LogRefused(ControlPlaneAddress.Text(controlPlane), options.Value.Service!, reason);
            }
            else
            {
                LogLost(ControlPlaneAddress.Text(controlPlane), options.Value.Service!, reason);
            }
        }

        return failure.StatusCode is StatusCode.AlreadyExists ? _taken.Next() : refused ? _refused.Next() : _lost.Next();
    }

    /// <summary>What should not happen: said once, and tried again like a refusal.</summary>
    private TimeSpan Faulted(Uri controlPlane, Exception fault)
    {
        Seek(controlPlane, StreamState.Waiting);
        metrics.Own(RegistryMetrics.Lost);
        State = Waiting;
        if (Changes(fault.ToString()))
        {
            LogFailed(fault, options.Value.Service!);
        }

        return _refused.Next();
    }

    /// <summary>The next stream, which is not open yet: the one that is counts itself.</summary>
    private void Seek(Uri controlPlane, StreamState state) =>
        controlPlanes.StreamsOf(controlPlane).Move(StreamKind.Registration, ref _sought, state);

    /// <param name="controlPlane">Whose stream has ended, or was not to be had.</param>
    /// <param name="reason">Null: it has refused us, and so is there.</param>
    private void Lose(Uri controlPlane, string? reason)
    {
        Seek(controlPlane, StreamState.Waiting);
        ControlPlaneStreams streams = controlPlanes.StreamsOf(controlPlane);
        if (reason is null)
        {
            streams.Hear();
        }
        else
        {
            streams.Lose(reason);
        }
    }

    /// <summary>The registry has heard us and says no; asking at once again would not help.</summary>
    private static bool IsRefusal(StatusCode code) => code is
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.PermissionDenied or StatusCode.Unauthenticated
        or StatusCode.Unimplemented or StatusCode.ResourceExhausted or StatusCode.Aborted or StatusCode.NotFound
        or StatusCode.AlreadyExists;

    private bool Changes(string state)
    {
        bool changes = state != _said;
        _said = state;
        return changes;
    }

    [LoggerMessage(EventId = 1, EventName = "Registered", Level = LogLevel.Information,
        Message = "Registered as instance {Instance} of {Service} at {Address} with the control plane {ControlPlane}.")]
    private partial void LogRegistered(string instance, string service, string address, string controlPlane);

    [LoggerMessage(EventId = 2, EventName = "RegistrationLost", Level = LogLevel.Warning,
        Message = "The control plane {ControlPlane} does not hold the registration for {Service}: {Reason}. It is tried again.")]
    private partial void LogLost(string controlPlane, string service, string reason);

    [LoggerMessage(EventId = 3, EventName = "RegistrationRefused", Level = LogLevel.Warning,
        Message = "The control plane {ControlPlane} refuses the registration for {Service}: {Reason}. It is tried again.")]
    private partial void LogRefused(string controlPlane, string service, string reason);

    [LoggerMessage(EventId = 4, EventName = "RegistrationLeft", Level = LogLevel.Information,
        Message = "No longer registered for {Service}: the application stops.")]
    private partial void LogLeft(string service);

    [LoggerMessage(EventId = 5, EventName = "NothingToRegister", Level = LogLevel.Warning,
        Message = "Not registered for {Service}: none of the addresses '{Addresses}' can be told to clients. A TCP port is needed, "
            + "with http where Identity:Source is None; or set Server:Address.")]
    private partial void LogNothingToRegister(string service, string addresses);

    [LoggerMessage(EventId = 6, EventName = "RegistrationFailed", Level = LogLevel.Error,
        Message = "The registration for {Service} has met with a fault. It is tried again.")]
    private partial void LogFailed(Exception exception, string service);
}
