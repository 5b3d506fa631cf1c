using System.Net.Security;
using Mesh.Client.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// An authenticated connection. Knows who is at the other end, and tells a peer that refuses our certificate from one that fails later:
/// in TLS 1.3 the refusal comes only after our side of the handshake is done.
/// </summary>
internal sealed class TlsStream(Stream inner, TlsConnections connections, ITlsOwner? owner, TimeProvider time)
    : SslStream(inner, leaveInnerStreamOpen: false)
{
    // A server that took the handshake is one round trip away.
    private static readonly TimeSpan FirstWordLimit = TimeSpan.FromSeconds(2);

    // .NET's servers send no alert.
    private const string Closed = "the peer closed the connection before it said anything, perhaps for our certificate";

    private volatile bool _heard;
    private volatile bool _aborted;
    private volatile bool _wrote;
    private volatile bool _isHttp2;
    private volatile string? _refusal;
    private TaskCompletionSource? _firstHeard;

    /// <summary>Who is at the other end, and which anchor says so.</summary>
    public PeerVerification Peer { get; set; } = new();

    public ITlsOwner? Owner { get; } = owner;

    /// <summary>Ends the connection for whoever uses it.</summary>
    public void Abort()
    {
        _aborted = true;
        InnerStream.Dispose();
    }

    /// <summary>Writes what goes before the protocol that the connection is for.</summary>
    public ValueTask WriteAheadAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        base.WriteAsync(bytes, cancellationToken);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _heard ? base.ReadAsync(buffer, cancellationToken) : FirstReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _heard ? base.WriteAsync(buffer, cancellationToken) : FirstWriteAsync(buffer, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        Volatile.Read(ref _firstHeard)?.TrySetResult();
        connections.Remove(this);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        Volatile.Read(ref _firstHeard)?.TrySetResult();
        connections.Remove(this);
        base.Dispose(disposing);
    }

    private async ValueTask<int> FirstReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            int read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0 && !buffer.IsEmpty && IsUnread)
            {
                throw Refused(Closed, null);
            }

            if (read > 0)
            {
                _heard = true;
                Volatile.Read(ref _firstHeard)?.TrySetResult();
            }

            return read;
        }
        catch (Exception e) when (TlsAlert.RefusesCertificate(e) is { } alert)
        {
            throw Refused($"the peer refused our certificate ({alert})", e);
        }
        catch (IOException e) when (e is not ConnectFailedException && IsUnread)
        {
            throw Refused(Closed, e);
        }
    }

    // HTTP/2: nothing goes out after the preface until the server has said its first word, which answers the preface. That one round trip
    // for each connection proves of a server that closed without a word that it never saw a request.
    private async ValueTask FirstWriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_isHttp2 && Volatile.Read(ref _firstHeard) is { } first)
        {
            await FirstWordAsync(first.Task, cancellationToken).ConfigureAwait(false);
        }
        else if (!_wrote && buffer.Span.StartsWith("PRI * HTTP/2.0"u8))
        {
            // The first write alone: later ones may be a caller's own bytes.
            Volatile.Write(ref _firstHeard, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _isHttp2 = true;
        }

        _wrote = true;
        if (_refusal is { } known)
        {
            Owner?.Refused(known);
            throw new ConnectFailedException(known, null);
        }

        try
        {
            await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (IsUnread)
        {
            throw Refused(Closed, e);
        }
        catch (ObjectDisposedException e) when (_refusal is { } refusal)
        {
            throw new ConnectFailedException(refusal, e);
        }
    }

    private async Task FirstWordAsync(Task heard, CancellationToken cancellationToken)
    {
        try
        {
            await heard.WaitAsync(FirstWordLimit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw Refused($"the peer said nothing within {FirstWordLimit.TotalSeconds:0} s of the HTTP/2 preface", e);
        }
    }

    private bool IsUnread => (_isHttp2 || !_wrote) && !_heard && !_aborted;

    private ConnectFailedException Refused(string why, Exception? inner)
    {
        string? known = Interlocked.CompareExchange(ref _refusal, why, null);
        Volatile.Read(ref _firstHeard)?.TrySetResult();
        if (known is not null)
        {
            return new ConnectFailedException(known, inner);
        }

        // Servers close what is never used; only one that a request went over tells of the endpoint.
        if (_wrote)
        {
            Owner?.Refused(why);
        }

        return new ConnectFailedException(why, inner);
    }
}
