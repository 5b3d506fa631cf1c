namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>What only ever grows of a service's balancer: it outlives a service that is dropped for being idle.</summary>
internal sealed class BalancerCounts(string service)
{
    private long _resets;
    private long _adds;
    private long _removes;
    private long _opened;
    private long _shut;

    /// <summary>A canonical name and a port; empty for all services beyond the cap.</summary>
    public string Service => service;

    /// <summary>First states.</summary>
    public long Resets => Volatile.Read(ref _resets);

    /// <summary>Later ones that brought endpoints.</summary>
    public long Adds => Volatile.Read(ref _adds);

    /// <summary>Later ones that took some away.</summary>
    public long Removes => Volatile.Read(ref _removes);

    /// <summary>How often its gate has opened.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>How often it has shut.</summary>
    public long Shut => Volatile.Read(ref _shut);

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

    public void Turned(bool isOpen) => Interlocked.Increment(ref isOpen ? ref _opened : ref _shut);
}
