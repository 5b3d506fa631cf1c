using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>Dials an endpoint in its framing: TCP, TLS and transport header together within 1 s (Linkerd's connect timeout).</summary>
internal sealed class EndpointConnector(TimeProvider time, CredentialStore credentials, TlsConnections connections)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    private readonly TlsDialer _dialer = new(time, credentials, connections);

    /// <param name="target">What to connect to.</param>
    /// <param name="first">The request that the connection is made for; null for none, as when only reaching it is tried.</param>
    /// <param name="owner">Whose connection it will be.</param>
    /// <param name="place">Given back when the connection is closed.</param>
    /// <exception cref="CredentialMissingException">The target needs TLS, and we have nothing to show.</exception>
    /// <exception cref="ConnectFailedException">Refused, out of reach, not resolved, not who it should be, or not in time.</exception>
    public async ValueTask<Stream> ConnectAsync(
        EndpointTarget target, HttpRequestMessage? first, ITlsOwner? owner, ConnectionPlace? place, CancellationToken cancellationToken)
    {
        EndpointTransport transport = target.Transport;
        TlsTarget? tls = transport.IsSecured ? Secure(target, first) : null;
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        string doing = "connection";
        try
        {
            bool behindProxy = transport.Framing is Framing.TransportHeader;
            EndpointAddress dialled = behindProxy ? target.Address.WithPort(transport.InboundPort) : target.Address;
            Stream stream = await TcpDialer.ConnectAsync(dialled, either.Token, place).ConfigureAwait(false);
            if (tls is null)
            {
                return stream;
            }

            doing = $"TLS with {tls.Peer.Identity}";
            TlsStream secured = await _dialer.AuthenticateAsync(stream, tls, owner, either.Token).ConfigureAwait(false);
            if (behindProxy)
            {
                await WriteHeaderAsync(secured, target, first, either.Token).ConfigureAwait(false);
            }

            return secured;
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            string why = e is OperationCanceledException ? $"no {doing} within {ConnectTimeout.TotalSeconds:0.#} s" : e.Message;
            throw new ConnectFailedException($"{target.Address}: {why}", e);
        }
    }

    private TlsTarget Secure(EndpointTarget target, HttpRequestMessage? first)
    {
        CredentialState state = credentials.Current;
        if (!state.IsReady || !credentials.IsValid(state.Credential!))
        {
            throw new CredentialMissingException($"{target.Address}: no TLS without a certificate of our own: {state.Problem}");
        }

        PeerIdentity peer = target.Transport.Peer
            ?? throw new ConnectFailedException($"{target.Address}: its identity cannot be read", null);
        return new TlsTarget(peer, state.TrustBundle!)
        {
            Credential = state.Credential,
            Protocols = target.Transport.Framing switch
            {
                Framing.Https => RequestForm.Protocols(first),
                Framing.TransportHeader => [TransportHeader.Protocol],
                _ => null,
            },
        };
    }

    private static async ValueTask WriteHeaderAsync(
        TlsStream stream, EndpointTarget target, HttpRequestMessage? first, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAheadAsync(Header(target, first), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static byte[] Header(EndpointTarget target, HttpRequestMessage? first)
    {
        // Of an opaque port the proxy hands the bytes on, whatever they are.
        SessionProtocol session = target.Transport.Opaque ? SessionProtocol.Opaque
            : RequestForm.IsHttp2(first) ? SessionProtocol.Http2
            : SessionProtocol.Http1;
        return target.Transport.AuthorityOverride is { } text && GatewayAuthority.TryParse(text, out GatewayAuthority? gateway)
            ? TransportHeader.Encode(gateway.Port, gateway.Host, session)
            : TransportHeader.Encode(target.Address.Port, null, session);
    }
}
