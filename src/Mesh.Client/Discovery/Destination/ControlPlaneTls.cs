using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// How a control plane's connections are secured: TLS without ALPN, as Linkerd's proxies before its controllers expect it.
/// </summary>
/// <param name="anonymous">Shows no certificate: the connection is there to get one.</param>
internal sealed class ControlPlaneTls(
    PeerIdentity peer, CredentialStore credentials, TlsConnections connections, TimeProvider time, bool anonymous)
{
    private readonly TlsDialer _dialer = new(time, credentials, connections);

    /// <summary>The caller limits the time, that of waiting for what is to be shown included.</summary>
    /// <exception cref="ConnectFailedException">There is no such connection; the message says why.</exception>
    public async ValueTask<Stream> ConnectAsync(EndpointAddress address, CancellationToken cancellationToken)
    {
        CredentialState state = await WhenUsableAsync(cancellationToken).ConfigureAwait(false);
        Stream connection = await TcpDialer.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
        var target = new TlsTarget(peer, state.TrustBundle!) { Credential = anonymous ? null : state.Credential };
        return await _dialer.AuthenticateAsync(connection, target, owner: null, cancellationToken).ConfigureAwait(false);
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
