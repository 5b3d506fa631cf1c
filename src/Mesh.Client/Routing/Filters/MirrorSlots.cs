namespace Mesh.Client.Routing.Filters;

/// <summary>
/// How many mirrored requests of a service may be under way at once. What is over it is dropped: nobody waits for a mirror.
/// </summary>
internal sealed class MirrorSlots(int limit = MirrorSlots.DefaultLimit)
{
    public const int DefaultLimit = 256;

    private int _active;
    private long _dropped;

    /// <summary>Mirrors under way.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>Mirrors that there was no slot for.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>True: <see cref="Exit"/> must follow once.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _active) <= limit)
        {
            return true;
        }

        Exit();
        Interlocked.Increment(ref _dropped);
        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _active);
}
