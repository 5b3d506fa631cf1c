namespace Mesh.Client.Transport;

/// <summary>One of the connections that an endpoint may have. Given back once, however often it is disposed.</summary>
internal sealed class ConnectionPlace(IConnectionObserver connections) : IDisposable
{
    private bool _given;

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _given, true))
        {
            connections.Closed();
        }
    }
}
