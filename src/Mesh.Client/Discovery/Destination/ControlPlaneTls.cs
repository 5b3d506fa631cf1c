using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// How a control plane's connections are secured: TLS without ALPN, as Linkerd's proxies before its controllers expect it. A connection is
/// replaced before a certificate ends that it rests on.
/// </summary>
/// <param name="anonymous">Shows no certificate: the connection is there to get one.</param>
internal sealed class ControlPlaneTls(
    PeerIdentity peer, CredentialStore credentials, TlsConnections connections, TimeProvider time, bool anonymous)
    : ITlsOwner, IDisposable
{
    private readonly TlsDialer _dialer = new(time, credentials, connections);
    private readonly Pulse _renewed = new();
    private RenewalTimer? _renewal;

    /// <summary>Completes when connections are replaced, just before the old ones end. Take it before opening what may end so.</summary>
    public Task Renewed => _renewed.Signalled;

    /// <summary>
    /// Whoever opened what lasts over a connection replaces it when told by <see cref="Renewed"/>: the old one stays until then.
    /// </summary>
    public bool OwnerReplaces { get; init; }

    /// <summary>The connection shows no certificate: it is there to get one, and not to stay.</summary>
    public bool IsAnonymous => anonymous;

    /// <summary>The caller limits the time, that of waiting for what is to be shown included.</summary>
    /// <exception cref="ConnectFailedException">There is no such connection; the message says why.</exception>
    public async ValueTask<Stream> ConnectAsync(EndpointAddress address, CancellationToken cancellationToken)
    {
        CredentialState state = await WhenUsableAsync(cancellationToken).ConfigureAwait(false);
        Stream connection = await TcpDialer.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
        var target = new TlsTarget(peer, state.TrustBundle!) { Credential = anonymous ? null : state.Credential };
        TlsStream secured = await _dialer.AuthenticateAsync(connection, target, this, cancellationToken).ConfigureAwait(false);
        if (target.Credential is { } shown)
        {
            DateTimeOffset end = secured.Peer.NotAfter is { } theirs && theirs < shown.NotAfter ? theirs : shown.NotAfter;
            LazyInitializer.EnsureInitialized(ref _renewal, () => new RenewalTimer(time, Renew)).Before(end);
        }

        return secured;
    }

    /// <summary>Ends the connections; who uses them opens others.</summary>
    public void Renew()
    {
        _renewed.Signal();
        if (!OwnerReplaces)
        {
            connections.EndOf(this);
        }
    }

    public void Dispose() => _renewal?.Stop();

    void ITlsOwner.Distrust() => _renewed.Signal();

    void ITlsOwner.Refused(string why)
    {
        // The stream that was opened over it says so.
    }

    private async Task<CredentialState> WhenUsableAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Task changed = credentials.Changed;
                CredentialState state = credentials.Current;
                if (anonymous ? state.TrustBundle is not null : state.IsReady)
                {
                    return state;
                }

                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e)
        {
            throw new ConnectFailedException($"{(anonymous ? "no trust anchors" : "no credential")} yet: {credentials.Current.Problem}", e);
        }
    }
}
