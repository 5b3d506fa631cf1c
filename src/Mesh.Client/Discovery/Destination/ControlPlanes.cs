using System.Collections.Concurrent;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Destination;

/// <summary>The control planes that this process asks: one channel for each address, however often it is named.</summary>
internal sealed class ControlPlanes(TimeProvider time, MeshMetrics metrics, ILoggerFactory loggers) : IDisposable
{
    private readonly ConcurrentDictionary<Uri, ControlPlaneChannel> _channels = new();

    public DestinationSource Source(Uri address, string callerNamespace) => new(
        _channels.GetOrAdd(address, static address => new ControlPlaneChannel(address)),
        callerNamespace,
        time,
        loggers.CreateLogger<DestinationSource>(),
        _ => metrics.RefusedInput("control_plane"));

    public void Dispose()
    {
        foreach (ControlPlaneChannel channel in _channels.Values)
        {
            channel.Dispose();
        }
    }
}
