using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// Secures connections that have been made: TLS 1.3, both sides shown, the peer verified by <see cref="PeerVerifier"/> alone.
/// </summary>
internal sealed class TlsDialer(TimeProvider time, CredentialStore credentials, TlsConnections connections)
{
    private readonly PeerVerifier _verifier = new(time, PeerRole.Server);

    /// <summary>The caller limits the time. Where it fails, the stream is closed.</summary>
    /// <exception cref="ConnectFailedException">
    /// The handshake failed or the peer is not who it should be; the message says which.
    /// </exception>
    public async ValueTask<TlsStream> AuthenticateAsync(
        Stream stream, TlsTarget target, ITlsOwner? owner, CancellationToken cancellationToken)
    {
        var tls = new TlsStream(stream, connections, owner, time);
        PeerVerification? peer = null;
        SslClientAuthenticationOptions options = Options(target, verification => peer = verification);
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            if (options.ApplicationProtocols?.Contains(TransportHeader.Protocol) == true
                && tls.NegotiatedApplicationProtocol != TransportHeader.Protocol)
            {
                throw new AuthenticationException($"the peer did not choose the protocol {TransportHeader.Protocol}");
            }

            tls.Peer = peer!;
            connections.Add(tls);

            // What ends the connections of an anchor that is withdrawn may have passed before this one was among them.
            if (credentials.Current.TrustBundle?.Contains(tls.Peer.Anchor!) == false)
            {
                throw new AuthenticationException("the anchor that vouched for the peer was withdrawn meanwhile");
            }

            connections.Handshake(succeeded: true);
            return tls;
        }
        catch (Exception exception)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            connections.Handshake(succeeded: false, refused: peer?.Problem is not null);
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            // Whatever the platform's TLS threw: there is no connection.
            string reason = peer is null
                ? $"the peer presented no certificate in TLS 1.3 ({exception.GetBaseException().Message})"
                : peer.Problem ?? exception.GetBaseException().Message;
            throw new ConnectFailedException($"no TLS with {target.Peer.Identity}: {reason}", exception);
        }
    }

    private SslClientAuthenticationOptions Options(TlsTarget target, Action<PeerVerification> verified) => new()
    {
        TargetHost = target.Peer.ServerName ?? "",
        EnabledSslProtocols = SslProtocols.Tls13,
        // A resumed session shows the server no intermediates, and leaves out verification.
        AllowTlsResume = false,
        AllowRenegotiation = false,
        ClientCertificateContext = target.Credential?.Context,
        ApplicationProtocols = target.Protocols,
        // SslStream builds a chain of its own before it asks: without this it would download and look at the system's roots.
        CertificateChainPolicy = _verifier.CreatePolicy(target.Trust.AnchorsFor(target.Peer.Identity)),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            PeerVerification verification = _verifier.Verify(
                certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore ?? [], target.Trust, target.Peer.Identity);
            verified(verification);
            return verification.Problem is null;
        },
    };
}
