using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// An address that begins with https and has no certificate of its own is served with the workload's. Kestrel wants a certificate when
/// it begins to listen, and there may be none yet: it is given a placeholder, which no handshake ever shows.
/// </summary>
internal sealed class ServerHttps(
    CredentialStore credentials, ServerTls tls, ServerConnections connections, ServerMetrics metrics, TimeProvider time,
    IConfiguration configuration)
{
    private X509Certificate2? _placeholder;

    /// <summary>The defaults of UseHttps; what the application sets of its own comes after them.</summary>
    public void Configure(HttpsConnectionAdapterOptions options)
    {
        // A default certificate in configuration would be passed over for ours.
        if (!credentials.IsEnabled || configuration.GetSection("Kestrel:Certificates:Default").Exists())
        {
            return;
        }

        options.ServerCertificate = _placeholder ??= CreatePlaceholder();
        options.OnAuthenticate = Authenticate;
    }

    /// <summary>Where the placeholder is in use: waits for a credential, for as long as a handshake may take.</summary>
    public async ValueTask WhenReadyAsync(ConnectionContext connection)
    {
        if (_placeholder is null || credentials.Current.IsReady)
        {
            return;
        }

        using var limit = new CancellationTokenSource(ServerFraming.FirstBytesLimit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed);
        await ((Task)credentials.WhenReadyAsync(stop.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Authenticate(ConnectionContext connection, SslServerAuthenticationOptions options)
    {
        X509Certificate? shown = options.ServerCertificateContext?.TargetCertificate ?? options.ServerCertificate;
        if (shown is null || !shown.Equals(_placeholder))
        {
            return;
        }

        var mesh = new ServerConnection(connection, time);
        connection.Features.Set(mesh);
        connection.Features.Set<IMeshPeerFeature>(mesh);
        CredentialState state = credentials.Current;
        if (!state.IsReady)
        {
            throw new AuthenticationException($"There is no credential to show: {state.Problem}");
        }

        // No middleware of ours comes after Kestrel's here; verification is the last step of a handshake.
        tls.Apply(options, mesh, state, opened: () =>
        {
            mesh.IsOpen = true;
            metrics.Handshake(mesh.Peer is null ? HandshakeOutcome.Anonymous : HandshakeOutcome.Verified);
            connections.Add(mesh);
        });
    }

    private X509Certificate2 CreatePlaceholder()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mesh placeholder", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(100));
    }
}
