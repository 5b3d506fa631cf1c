namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>
/// What Linkerd's proxy would count of the balancer of one service: what discovery said, and when its gate was open, which it is while an
/// endpoint may be picked. It begins shut.
/// </summary>
internal sealed class LinkerdBalancer(TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _resets;
    private long _adds;
    private long _removes;
    private long _opened;
    private long _shut;
    private bool _isOpen;
    private DateTimeOffset _since = time.GetUtcNow();

    /// <summary>First states.</summary>
    public long Resets => Volatile.Read(ref _resets);

    /// <summary>Later ones that brought endpoints.</summary>
    public long Adds => Volatile.Read(ref _adds);

    /// <summary>Later ones that took some away.</summary>
    public long Removes => Volatile.Read(ref _removes);

    /// <summary>A state came that said something of endpoints.</summary>
    public void Updated(bool isFirst, bool brought, bool took)
    {
        if (isFirst)
        {
            Interlocked.Increment(ref _resets);
            return;
        }

        if (brought)
        {
            Interlocked.Increment(ref _adds);
        }

        if (took)
        {
            Interlocked.Increment(ref _removes);
        }
    }

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
                (opens ? ref _opened : ref _shut)++;
            }
        }
    }

    /// <summary>How it stands, and since when.</summary>
    public (bool IsOpen, long Opened, long Shut, DateTimeOffset Since) Gate()
    {
        lock (_lock)
        {
            return (_isOpen, _opened, _shut, _since);
        }
    }
}
