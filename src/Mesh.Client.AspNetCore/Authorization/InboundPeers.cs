using System.Collections.Concurrent;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// Who calls this server, for the status: counted once that is mapped, and a bounded number of names. Where there are more, those make room
/// that were not seen for a while; all that have no place are counted as one.
/// </summary>
internal sealed class InboundPeers(TrafficRecorder traffic, TimeProvider time)
{
    /// <summary>Names at most.</summary>
    public const int MaxPeers = 200;

    private const string WithoutIdentity = "";

    /// <summary>Who was seen within it keeps its place.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Peer> _peers = new(StringComparer.Ordinal);
    private readonly Peer _others = new();
    private int _requests;

    // Counted apart: the dictionary would lock itself for it.
    private int _count;
    private int _isMakingRoom;
    private long _noRoomUntil;

    public bool IsEnabled => traffic.IsEnabled;

    /// <summary>Requests under way.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <param name="identity">Null: a peer without any.</param>
    public void Began(string? identity)
    {
        Interlocked.Increment(ref _requests);
        long now = time.GetUtcNow().UtcTicks;
        Find(identity, now).Seen(now);
    }

    public void Ended() => Interlocked.Decrement(ref _requests);

    /// <summary>One that began was refused.</summary>
    public void Refused(string? identity)
    {
        if (IsEnabled)
        {
            (_peers.TryGetValue(identity ?? WithoutIdentity, out Peer? known) ? known : _others).Refused();
        }
    }

    /// <summary>Most requests first.</summary>
    public PeerStatus[] Read() =>
    [
        .. _peers
            .Select(peer => peer.Value.Read(peer.Key == WithoutIdentity ? null : peer.Key))
            .OrderByDescending(peer => peer.Allowed + peer.Refused)
            .ThenBy(peer => peer.Identity, StringComparer.Ordinal),
    ];

    /// <summary>Those that have no place; null: there are none.</summary>
    public PeerStatus? ReadOthers() => _others.WasSeen ? _others.Read(identity: null) : null;

    private Peer Find(string? identity, long now)
    {
        string name = identity ?? WithoutIdentity;
        return _peers.TryGetValue(name, out Peer? known) ? known : HasRoom(now) ? Add(name, now) : _others;
    }

    private Peer Add(string name, long now)
    {
        var added = new Peer(now);
        if (_peers.TryAdd(name, added))
        {
            Interlocked.Increment(ref _count);
            return added;
        }

        return _peers.GetValueOrDefault(name, _others);
    }

    // Several at once may go a few beyond.
    private bool HasRoom(long now)
    {
        if (Volatile.Read(ref _count) < MaxPeers)
        {
            return true;
        }

        if (now < Volatile.Read(ref _noRoomUntil) || Interlocked.Exchange(ref _isMakingRoom, 1) == 1)
        {
            return false;
        }

        KeyValuePair<string, Peer> oldest = Oldest();
        long until = oldest.Value.LastSeen + Quiet.Ticks;
        bool isQuiet = until <= now;
        if (!isQuiet)
        {
            Volatile.Write(ref _noRoomUntil, until);
        }
        else if (_peers.TryRemove(oldest))
        {
            Interlocked.Decrement(ref _count);
            _others.Add(oldest.Value);
        }

        Volatile.Write(ref _isMakingRoom, 0);
        return isQuiet;
    }

    private KeyValuePair<string, Peer> Oldest()
    {
        KeyValuePair<string, Peer> oldest = default;
        foreach (KeyValuePair<string, Peer> peer in _peers)
        {
            if (oldest.Value is null || peer.Value.LastSeen < oldest.Value.LastSeen)
            {
                oldest = peer;
            }
        }

        return oldest;
    }

    private sealed class Peer(long seen = 0)
    {
        private long _requests;
        private long _refused;
        private long _lastSeen = seen;

        public bool WasSeen => Volatile.Read(ref _requests) > 0;

        public long LastSeen => Volatile.Read(ref _lastSeen);

        public void Seen(long now)
        {
            Interlocked.Increment(ref _requests);
            Volatile.Write(ref _lastSeen, now);
        }

        public void Refused() => Interlocked.Increment(ref _refused);

        public void Add(Peer gone)
        {
            Interlocked.Add(ref _requests, Volatile.Read(ref gone._requests));
            Interlocked.Add(ref _refused, Volatile.Read(ref gone._refused));
            Volatile.Write(ref _lastSeen, Math.Max(LastSeen, gone.LastSeen));
        }

        public PeerStatus Read(string? identity)
        {
            long refused = Volatile.Read(ref _refused);
            long allowed = Math.Max(0, Volatile.Read(ref _requests) - refused);
            return new PeerStatus(identity, allowed, refused, new DateTimeOffset(LastSeen, TimeSpan.Zero));
        }
    }
}
