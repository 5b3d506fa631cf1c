using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Model.Routes;
using WireTimeouts = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes.Timeouts;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>How long a route's calls may take. Zero is no limit, as none is.</summary>
internal static class RouteTimeoutReader
{
    /// <param name="older">Where controllers before Linkerd 2.16 say it.</param>
    /// <exception cref="UnreadablePartException">One is no length of time.</exception>
    public static TimeoutPolicy Read(WireTimeouts? wire, Duration? older, string place)
    {
        TimeSpan? before = WireDurations.Read(older, $"{place}.requestTimeout");
        var read = new TimeoutPolicy(
            WireDurations.Read(wire?.Request, $"{place}.timeouts.request") ?? before,
            Idle: WireDurations.Read(wire?.Idle, $"{place}.timeouts.idle"),
            Response: WireDurations.Read(wire?.Response, $"{place}.timeouts.response"));
        return read == TimeoutPolicy.None ? TimeoutPolicy.None : read;
    }
}
