namespace Mesh.Client.Transport;

/// <summary>One connection that was made ahead, for whoever needs one first.</summary>
internal sealed class WarmConnection(TimeProvider time) : IDisposable
{
    // Servers close what says nothing: Kestrel-based mesh servers after 10 s.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private Entry? _kept;

    public void Keep(Stream connection) =>
        Interlocked.Exchange(ref _kept, new Entry(connection, time.GetTimestamp()))?.Connection.Dispose();

    /// <summary>Whether one is kept, fresh or not.</summary>
    public bool IsKept => Volatile.Read(ref _kept) is not null;

    /// <summary>The connection, if it is fresh.</summary>
    public Stream? Take()
    {
        if (Interlocked.Exchange(ref _kept, null) is not { } kept)
        {
            return null;
        }

        if (time.GetElapsedTime(kept.Made) < Freshness)
        {
            return kept.Connection;
        }

        kept.Connection.Dispose();
        return null;
    }

    public void Dispose() => Interlocked.Exchange(ref _kept, null)?.Connection.Dispose();

    private sealed record Entry(Stream Connection, long Made);
}
