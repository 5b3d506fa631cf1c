using System.Net.Security;
using Mesh.Client.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// An authenticated connection. Knows who is at the other end, and tells a peer that refuses our certificate from one that fails later:
/// in TLS 1.3 the refusal comes only after our side of the handshake is done.
/// </summary>
internal sealed class TlsStream(Stream inner, TlsConnections connections, ITlsOwner? owner) : SslStream(inner, leaveInnerStreamOpen: false)
{
    private volatile bool _heard;

    /// <summary>Who is at the other end, and which anchor says so.</summary>
    public PeerVerification Peer { get; set; } = new();

    public ITlsOwner? Owner { get; } = owner;

    /// <summary>Ends the connection for whoever uses it.</summary>
    public void Abort() => InnerStream.Dispose();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _heard ? base.ReadAsync(buffer, cancellationToken) : FirstReadAsync(buffer, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        connections.Remove(this);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        connections.Remove(this);
        base.Dispose(disposing);
    }

    private async ValueTask<int> FirstReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            int read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _heard = true;
            return read;
        }
        catch (Exception e) when (TlsAlert.RefusesCertificate(e) is { } alert)
        {
            throw new ConnectFailedException($"the peer refused our certificate ({alert})", e);
        }
    }
}
