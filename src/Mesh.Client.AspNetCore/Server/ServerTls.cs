using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// What a handshake is made with: TLS 1.3, our credential as it is now, the client asked for its certificate and verified by
/// <see cref="PeerVerifier"/> alone.
/// </summary>
internal sealed class ServerTls(CredentialStore credentials, TimeProvider time)
{
    private readonly PeerVerifier _verifier = new(time, PeerRole.Client);

    /// <summary>Waits for a credential as long as the client does.</summary>
    /// <param name="cancellationToken">Limits the handshake.</param>
    public async ValueTask<SslServerAuthenticationOptions> CreateAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        CredentialState state = credentials.Current;
        if (!state.IsReady)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.Closed);
            state = await credentials.WhenReadyAsync(stop.Token).ConfigureAwait(false);
        }

        var options = new SslServerAuthenticationOptions();
        Apply(options, connection, state);
        return options;
    }

    /// <param name="state">Is ready.</param>
    /// <param name="opened">Called once the client is accepted.</param>
    public void Apply(
        SslServerAuthenticationOptions options, ServerConnection connection, CredentialState state, Action? opened = null)
    {
        TrustBundle trust = state.TrustBundle!;
        connection.Credential = state.Credential;
        options.ServerCertificateContext = state.Credential!.Context;
        options.EnabledSslProtocols = SslProtocols.Tls13;
        // A resumed session shows no intermediates of the client's, and leaves out verification.
        options.AllowTlsResume = false;
        options.AllowRenegotiation = false;
        options.ClientCertificateRequired = true;
        // SslStream builds a chain of its own before it asks: without this it would download and look at the system's roots.
        options.CertificateChainPolicy = _verifier.CreatePolicy(trust.AnchorsFor(null));
        options.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            bool accepted = Accepts(connection, certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore ?? [], trust);
            if (accepted)
            {
                opened?.Invoke();
            }

            return accepted;
        };
    }

    private bool Accepts(
        ServerConnection connection, X509Certificate2? certificate, X509Certificate2Collection presented, TrustBundle trust)
    {
        if (certificate is null && credentials.Mode is MeshIdentityMode.Permissive)
        {
            return true;
        }

        connection.Peer = _verifier.Verify(certificate, presented, trust, expected: null);
        connection.Presented = certificate?.Thumbprint;
        return connection.Peer.Problem is null;
    }
}
