using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Telemetry;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.SelfRegistration;

internal sealed partial class ReplicaRegistration
{
    public const string Waiting = "waiting";

    /// <summary>Its address leads to the process of another one.</summary>
    public const string Same = "same";

    private readonly string _where =
        replica is null ? ControlPlaneAddress.Text(context.ControlPlane) : $"{ControlPlaneAddress.Text(context.ControlPlane)} at {replica}";

    /// <summary>The name that it is registered by; null before it first is.</summary>
    public string? Instance { get; private set; }

    /// <summary>In one word.</summary>
    public string State { get; private set; } = Waiting;

    private void Registered(Wire.Registration wire, string address)
    {
        (Instance, State) = (wire.Instance, RegistryMetrics.Registered);
        _lost.Reset();
        _taken.Reset();
        context.Metrics.Own(RegistryMetrics.Registered);
        if (Changes($"registered at {address}"))
        {
            context.Log.Registered(wire.Instance, wire.Service, address, _where);
        }
    }

    /// <summary>Says so once.</summary>
    /// <returns>How long to wait before the next try.</returns>
    private TimeSpan Failed(RpcException failure)
    {
        bool refused = IsRefusal(failure.StatusCode);
        context.Metrics.Own(refused ? RegistryMetrics.Refused : RegistryMetrics.Lost);
        if (!IsHeld)
        {
            State = refused ? RegistryMetrics.Refused : Waiting;
        }

        // A refusal says at its end what allows it.
        string reason = refused ? RpcReason.Detail(failure, RpcReason.MaxOwnLength) : RpcReason.Short(failure);
        Lose(refused ? null : reason);
        if (refused ? Changes(reason) : Changes(RegistryMetrics.Lost))
        {
            if (refused)
            {
                context.Log.Refused(_where, context.Service, reason);
            }
            else
            {
                context.Log.Lost(_where, context.Service, reason);
            }
        }

        return failure.StatusCode is StatusCode.AlreadyExists ? _taken.Next() : refused ? _refused.Next() : _lost.Next();
    }

    /// <summary>What should not happen: said once, and tried again like a refusal.</summary>
    private TimeSpan Faulted(Exception fault)
    {
        Seek(StreamState.Waiting);
        context.Metrics.Own(RegistryMetrics.Lost);
        State = IsHeld ? State : Waiting;
        Reclaim();
        if (Changes(fault.ToString()))
        {
            context.Log.Failed(fault, context.Service);
        }

        return _refused.Next();
    }

    private void IsSame()
    {
        State = IsHeld ? State : Same;
        Seek(StreamState.None);
        _lost.Reset();
    }

    /// <summary>The next stream, which is not open yet: the one that is counts itself.</summary>
    private void Seek(StreamState state) =>
        context.ControlPlanes.StreamsOf(context.ControlPlane).Move(StreamKind.Registration, ref _sought, state);

    /// <param name="reason">Null: it has refused us, and so is there.</param>
    private void Lose(string? reason)
    {
        Seek(StreamState.Waiting);
        Reclaim();
        lost.Signal();
        ControlPlaneStreams streams = context.ControlPlanes.StreamsOf(context.ControlPlane);
        if (reason is null)
        {
            streams.Hear();
        }
        else
        {
            streams.Lose(reason);
        }
    }

    /// <summary>The next stream is not to be had: our process is the one of the stream that is still open, or none.</summary>
    private void Reclaim()
    {
        if (!IsHeld || _heldProcess is null || !context.Claims.TryTake(_heldProcess, this))
        {
            context.Claims.Release(this);
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
}
