using System.Runtime.CompilerServices;
using Mesh.Client.Identity;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Transport;

/// <summary>
/// Every authenticated connection of this process that is open, so that one whose anchor is withdrawn can be ended. Known weakly: one that
/// was forgotten with the response that it carried is closed by the garbage collector, as one without TLS is.
/// </summary>
internal sealed class TlsConnections(MeshMetrics? metrics = null)
{
    private readonly ConditionalWeakTable<TlsStream, object> _open = [];

    public int Count => Open.Count();

    public IEnumerable<TlsStream> Open => _open.Select(entry => entry.Key);

    public void Add(TlsStream connection) => _open.AddOrUpdate(connection, _open);

    public void Remove(TlsStream connection) => _open.Remove(connection);

    /// <summary>A handshake ended.</summary>
    /// <param name="refused">We did not take the peer for who it should be.</param>
    public void Handshake(bool succeeded, bool refused = false) => metrics?.Handshake(succeeded, refused);

    /// <summary>Ends those of one owner, with whatever is in flight.</summary>
    public void EndOf(ITlsOwner owner)
    {
        foreach (TlsStream connection in Open)
        {
            if (ReferenceEquals(connection.Owner, owner))
            {
                connection.Abort();
            }
        }
    }

    /// <summary>Ends, at once, what rests on an anchor that is in the bundle no longer.</summary>
    /// <returns>How many connections that were.</returns>
    public int EndDistrusted(TrustBundle bundle)
    {
        TlsStream[] distrusted = [.. Open.Where(connection => !bundle.Contains(connection.Peer.Anchor!))];

        // First all owners, so that what fails now and is tried again finds a new connection.
        foreach (TlsStream connection in distrusted)
        {
            connection.Owner?.Distrust();
        }

        Array.ForEach(distrusted, connection => connection.Abort());
        return distrusted.Length;
    }
}
