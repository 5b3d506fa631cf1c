using System.Collections.Concurrent;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>Who calls this server, for the status: counted once that is mapped, and a bounded number of names.</summary>
internal sealed class InboundPeers(TrafficRecorder traffic, TimeProvider time)
{
    private const int MaxPeers = 200;
    private const string WithoutIdentity = "";

    private readonly ConcurrentDictionary<string, Peer> _peers = new(StringComparer.Ordinal);
    private readonly Peer _others = new();
    private int _requests;

    public bool IsEnabled => traffic.IsEnabled;

    /// <summary>Requests under way.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <param name="identity">Null: a peer without any.</param>
    public void Began(string? identity)
    {
        Interlocked.Increment(ref _requests);
        Find(identity).Seen(time.GetUtcNow());
    }

    public void Ended() => Interlocked.Decrement(ref _requests);

    /// <summary>One that began was refused.</summary>
    public void Refused(string? identity)
    {
        if (IsEnabled)
        {
            Find(identity).Refused();
        }
    }

    /// <summary>Most requests first; those beyond the bound as one at the end.</summary>
    public PeerStatus[] Read()
    {
        IEnumerable<PeerStatus> known = _peers
            .Select(peer => peer.Value.Read(peer.Key == WithoutIdentity ? null : peer.Key))
            .OrderByDescending(peer => peer.Allowed + peer.Refused)
            .ThenBy(peer => peer.Identity, StringComparer.Ordinal);
        return _others.WasSeen ? [.. known, _others.Read("(others)")] : [.. known];
    }

    private Peer Find(string? identity)
    {
        string name = identity ?? WithoutIdentity;
        return _peers.TryGetValue(name, out Peer? known) ? known
            : _peers.Count < MaxPeers ? _peers.GetOrAdd(name, static _ => new Peer())
            : _others;
    }

    private sealed class Peer
    {
        private long _requests;
        private long _refused;
        private long _lastSeen;

        public bool WasSeen => Volatile.Read(ref _requests) > 0;

        public void Seen(DateTimeOffset now)
        {
            Interlocked.Increment(ref _requests);
            Volatile.Write(ref _lastSeen, now.UtcTicks);
        }

        public void Refused() => Interlocked.Increment(ref _refused);

        public PeerStatus Read(string? identity)
        {
            long refused = Volatile.Read(ref _refused);
            long allowed = Math.Max(0, Volatile.Read(ref _requests) - refused);
            return new PeerStatus(identity, allowed, refused, new DateTimeOffset(Volatile.Read(ref _lastSeen), TimeSpan.Zero));
        }
    }
}
