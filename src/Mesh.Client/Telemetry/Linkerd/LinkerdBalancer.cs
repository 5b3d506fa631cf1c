namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>
/// What Linkerd's proxy would count of the balancer of one service: what discovery said, and when its gate was open, which it is while an
/// endpoint may be picked. It begins shut.
/// </summary>
internal sealed class LinkerdBalancer(TimeProvider time, BalancerCounts counts)
{
    private readonly Lock _lock = new();
    private bool _isOpen;
    private DateTimeOffset _since = time.GetUtcNow();

    /// <summary>What is kept when the service is dropped.</summary>
    public BalancerCounts Counts => counts;

    /// <summary>Something may have changed. Looked at one at a time, so that the last word is the latest.</summary>
    public void Look<TService>(TService service, Func<TService, bool> isOpen)
    {
        lock (_lock)
        {
            bool opens = isOpen(service);
            if (opens != _isOpen)
            {
                _isOpen = opens;
                _since = time.GetUtcNow();
                counts.Turned(opens);
            }
        }
    }

    /// <summary>How it stands, and since when.</summary>
    public (bool IsOpen, DateTimeOffset Since) Gate()
    {
        lock (_lock)
        {
            return (_isOpen, _since);
        }
    }
}
