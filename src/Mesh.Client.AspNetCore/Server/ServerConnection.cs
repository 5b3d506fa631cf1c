using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>One TLS connection: what its handshake was made with, who is at its other end, and how it ends.</summary>
internal sealed class ServerConnection(ConnectionContext connection, TimeProvider time) : IMeshPeerFeature, IDisposable
{
    // For HTTP/1.1 that is silent: it learns from no answer that the connection ends.
    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(40);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private DateTimeOffset? _closeAt;
    private bool _disposed;
    private bool _isOpen;
    private volatile bool _isClosing;

    /// <summary>What we showed; null while the handshake waits for one.</summary>
    public Credential? Credential { get; set; }

    /// <summary>What came of looking at the client's certificate; null before, and for a client that showed none and may.</summary>
    public PeerVerification? Peer
    {
        get;
        set
        {
            field = value;
            Identities = value is { Problem: null } ? [.. value.Identities.Select(identity => identity.Name)] : [];
        }
    }

    /// <summary>The thumbprint of the client's certificate, whether or not it was accepted.</summary>
    public string? Presented { get; set; }

    /// <summary>The client has left, or was sent away.</summary>
    public CancellationToken Closed => connection.ConnectionClosed;

    /// <summary>The handshake is through.</summary>
    public bool IsOpen { get => Volatile.Read(ref _isOpen); set => Volatile.Write(ref _isOpen, value); }

    /// <summary>The next answer says <c>Connection: close</c>. HTTP/2 has GOAWAY for that.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>It was ended by GOAWAY: the client closes it once it has read that.</summary>
    public bool IsLeftToClient { get; private set; }

    /// <summary>When it is asked to end; null while nothing says so.</summary>
    public DateTimeOffset? ClosesAt
    {
        get
        {
            lock (_lock)
            {
                return _closeAt;
            }
        }
    }

    public bool IsTls => true;

    public string? Identity => Identities.Count == 0 ? null : Identities[0];

    public IReadOnlyList<string> Identities { get; private set; } = [];

    /// <summary>Asks for a graceful end at a time; the earliest that was asked for counts.</summary>
    public void CloseAt(DateTimeOffset moment)
    {
        lock (_lock)
        {
            if (_disposed || _isClosing || _closeAt <= moment)
            {
                return;
            }

            _closeAt = moment;
            Arm();
        }
    }

    /// <summary>At once, with whatever is in flight.</summary>
    public void Abort(string reason) => connection.Abort(new ConnectionAbortedException(reason));

    /// <summary>At once, unless there is HTTP to end it gracefully.</summary>
    public void AbortHandshake()
    {
        if (!IsOpen)
        {
            Abort("The server stops before the handshake ends.");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private bool IsHttp2
    {
        get
        {
            try
            {
                return connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) == true;
            }
            catch (ObjectDisposedException)
            {
                // Kestrel has ended its TLS in this moment.
                return false;
            }
        }
    }

    private void Arm()
    {
        TimeSpan wait = _closeAt!.Value - time.GetUtcNow();
        _timer ??= Detached.CreateTimer(time, static self => ((ServerConnection)self!).Tick(), this);
        _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > MaxTimer ? MaxTimer : wait, Timeout.InfiniteTimeSpan);
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (!_isClosing && time.GetUtcNow() < _closeAt)
            {
                Arm();
                return;
            }

            IsLeftToClient = IsHttp2;
            if (!IsLeftToClient && !_isClosing)
            {
                // Kestrel would close an idle connection now, perhaps under a request that is on its way: an answer says it first.
                _isClosing = true;
                _timer!.Change(QuietLimit, Timeout.InfiniteTimeSpan);
                return;
            }

            _isClosing = true;
        }

        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }
}
