using System.Net.Security;
using System.Security.Authentication;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>An anchor that is withdrawn while a handshake under it goes on.</summary>
public sealed class AnchorRaceTests
{
    private readonly TestCa _ca = new(name: "old");
    private readonly TestCa _next = new(name: "new");
    private readonly Posts _posts = new();

    [Fact]
    public async Task HandshakeUnderWay_AnchorWithdrawn_IsNotUsed()
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        var goOn = new TaskCompletionSource();
        int heard = 0;
        SslStreamCertificateContext shown = _ca.Issue([SecureMesh.Catalog]).Context;
        await using var server = new RawServer(async (stream, stop) =>
        {
            await goOn.Task.WaitAsync(stop);
            await using var tls = new SslStream(stream);
            try
            {
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificateContext = shown, EnabledSslProtocols = SslProtocols.Tls13 },
                    stop);
                heard += await tls.ReadAsync(new byte[1024], stop);
            }
            catch (AuthenticationException)
            {
                // Refused, as later connections are.
            }
        });
        ManualCredentials ours = _ca.Issue(SecureMesh.Web, _ca, _next);
        await using MeshHost client = await SecureMesh.StartClientAsync(ours, [SecureMesh.At(server.Port)], clock: clock);
        CredentialStore credentials = client.Services.GetRequiredService<CredentialStore>();
        Task call = _posts.CallAsync(client, "1.1");
        await Eventually.TrueAsync(() => server.Connections == 1);

        ours.Set(_ca.Issue([SecureMesh.Web]), _next.Trust);
        await Eventually.TrueAsync(() => credentials.Current.TrustBundle!.Equals(_next.Trust));
        goOn.SetResult();
        await Eventually.TrueAsync(() => client.Endpoint(server.Address).State == "disconnected");
        await call.EndsAsync(clock);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Contains("withdrawn", error.Call!.Attempts[0].Error, StringComparison.Ordinal);
        Assert.Equal(0, heard);
        Assert.Equal(0, client.Services.GetRequiredService<TlsConnections>().Count);
    }
}
