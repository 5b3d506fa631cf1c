using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Transport;

/// <summary>One of the connections that an endpoint may have. Given back once, however often it is disposed.</summary>
internal sealed class ConnectionPlace(IConnectionObserver connections) : IDisposable
{
    private bool _given;

    /// <summary>Counts what goes over it; null where nobody asks.</summary>
    public ConnectionTraffic? Traffic() => connections.Traffic();

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _given, true))
        {
            connections.Closed();
        }
    }
}
