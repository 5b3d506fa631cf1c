using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>The part of a Destination address that says how HTTP/2 is spoken there.</summary>
internal static class DestinationHttp2
{
    /// <summary>Null where it says nothing of use.</summary>
    public static Http2Policy? Read(Http2ClientParams? wire)
    {
        if (wire is null)
        {
            return null;
        }

        // As Linkerd's proxy has it: windows count only together, and not where they are to adapt. .NET's do so by themselves, and the
        // window of the connection is its own affair.
        Http2ClientParams.Types.FlowControl? flow = wire.FlowControl;
        bool isFixed = flow is { InitialConnectionWindowSize: > 0, InitialStreamWindowSize: > 0, AdaptiveFlowControl: false };
        TimeSpan? interval = Positive(wire.KeepAlive?.Interval);
        var policy = new Http2Policy(
            isFixed ? (int)Math.Min(flow!.InitialStreamWindowSize, int.MaxValue) : null,
            interval,
            Positive(wire.KeepAlive?.Timeout),
            interval is not null && wire.KeepAlive!.WhileIdle);
        return policy == new Http2Policy() ? null : policy;
    }

    /// <summary>Writes what <see cref="Read"/> understands.</summary>
    public static Http2ClientParams? Write(Http2Policy? policy)
    {
        if (policy is null)
        {
            return null;
        }

        var wire = new Http2ClientParams();
        if (policy.StreamWindow is { } window)
        {
            wire.FlowControl = new() { InitialConnectionWindowSize = (uint)window, InitialStreamWindowSize = (uint)window };
        }

        if (policy.PingInterval is not null || policy.PingTimeout is not null)
        {
            wire.KeepAlive = new()
            {
                Interval = policy.PingInterval is { } interval ? Duration.FromTimeSpan(interval) : null,
                Timeout = policy.PingTimeout is { } timeout ? Duration.FromTimeSpan(timeout) : null,
                WhileIdle = policy.PingWhileIdle,
            };
        }

        return wire;
    }

    // Whatever the numbers are: what a timer could not take counts as not said.
    private static TimeSpan? Positive(Duration? wire) =>
        wire is { Seconds: >= 0 and <= int.MaxValue, Nanos: >= 0 and < 1_000_000_000 } && wire.ToTimeSpan() is { Ticks: > 0 } time
            ? time
            : null;
}
