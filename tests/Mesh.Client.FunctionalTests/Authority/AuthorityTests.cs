using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Authority;

public sealed class AuthorityTests : IDisposable
{
    private const string Web = AuthorityHost.Web;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Certify_TheRealClient_GetsACredentialThatBothSidesAccept()
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync();
        CredentialUpdate state = await CredentialAsync(host);

        foreach (PeerRole role in new[] { PeerRole.Server, PeerRole.Client })
        {
            Assert.Null(new PeerVerifier(TimeProvider.System, role)
                .Verify(state.Credential!.Leaf, [.. state.Credential.Intermediates], state.TrustBundle!, TestCa.Id(Web)).Problem);
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        Task<TcpClient> accepting = listener.AcceptTcpClientAsync(Stop).AsTask();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Stop);
        using TcpClient server = await accepting;
        await using var shown = new SslStream(server.GetStream());
        await using var asked = new SslStream(client.GetStream());
        await Task.WhenAll(
            shown.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = state.Credential!.Context,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = Verify(PeerRole.Client, state.TrustBundle!),
                },
                Stop),
            asked.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = Web,
                    ClientCertificateContext = state.Credential.Context,
                    RemoteCertificateValidationCallback = Verify(PeerRole.Server, state.TrustBundle!),
                },
                Stop));
        Assert.True(shown.IsMutuallyAuthenticated && asked.IsMutuallyAuthenticated);
    }

    [Fact]
    public async Task Certify_Answer_SaysUntilWhen()
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync(settings: ("Authority:LeafLifetime", "01:00:00"));

        CertifyResponse response = await host.Client.CertifyAsync(host.Request(), cancellationToken: Stop);

        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(response.LeafCertificate.Span);
        Assert.Equal(leaf.NotAfter.ToUniversalTime(), response.ValidUntil.ToDateTime());
        Assert.Equal(TimeSpan.FromMinutes(60) + TimeSpan.FromSeconds(40), leaf.NotAfter - leaf.NotBefore);
        Assert.Single(response.IntermediateCertificates);
    }

    [Fact]
    public async Task Certify_Answer_OpensslAgrees()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "no openssl here");
        await using AuthorityHost host = await AuthorityHost.StartAsync();
        CertifyResponse response = await host.Client.CertifyAsync(host.Request(), cancellationToken: Stop);
        using HttpResponseMessage bundle = await host.DownloadAsync();
        string anchors = _folder.Write("ca.pem", await bundle.Content.ReadAsStringAsync(Stop));
        string leaf = Pem("leaf.pem", response.LeafCertificate);
        string intermediate = Pem("intermediate.pem", response.IntermediateCertificates[0]);

        foreach (string purpose in new[] { "sslserver", "sslclient" })
        {
            string verified = await OpensslAsync(
                "verify", "-x509_strict", "-purpose", purpose, "-verify_hostname", Web,
                "-CAfile", anchors, "-untrusted", intermediate, leaf);
            Assert.Equal($"{leaf}: OK\n", verified);
        }

        string text = await OpensslAsync("x509", "-noout", "-text", "-in", leaf);
        Assert.Contains("X509v3 Subject Alternative Name: critical\n                DNS:" + Web + "\n", text, StringComparison.Ordinal);
        Assert.Contains("TLS Web Server Authentication, TLS Web Client Authentication", text, StringComparison.Ordinal);
        Assert.Contains("ASN1 OID: prime256v1", text, StringComparison.Ordinal);
        Assert.Contains("Signature Algorithm: ecdsa-with-SHA256", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrustBundle_Download_IsTheRootWhateverTheConventions()
    {
        // Nobody may use anything that does not say otherwise.
        await using AuthorityHost host = await AuthorityHost.StartAsync(
            services => services.AddAuthentication().Services.AddAuthorization(
                options => options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()),
            conventions: mapped => mapped.RequireAuthorization());

        using HttpResponseMessage bundle = await host.DownloadAsync();

        Assert.Equal(HttpStatusCode.OK, bundle.StatusCode);
        Assert.Equal("application/x-pem-file", bundle.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(host.TokenPath)!, "root.crt"), Stop),
            await bundle.Content.ReadAsStringAsync(Stop));
        Assert.NotEmpty((await host.Client.CertifyAsync(host.Request(), cancellationToken: Stop)).LeafCertificate);
    }

    [Fact]
    public async Task OwnProcess_SourceControlPlaneWithoutAddress_HasACredential()
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync(
            settings: [("Identity:Source", "ControlPlane"), ("Identity:Name", Web)]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));

        CredentialState state = await host.Services.GetRequiredService<CredentialStore>().WhenReadyAsync(limit.Token);

        Assert.Equal([TestCa.Id(Web)], state.Credential!.Identities);
        Assert.Null(new PeerVerifier(TimeProvider.System, PeerRole.Server)
            .Verify(state.Credential.Leaf, [.. state.Credential.Intermediates], state.TrustBundle!, TestCa.Id(Web)).Problem);
    }

    private static RemoteCertificateValidationCallback Verify(PeerRole role, TrustBundle trust) => (_, certificate, chain, _) =>
        new PeerVerifier(TimeProvider.System, role).Verify(
            (X509Certificate2?)certificate, chain!.ChainPolicy.ExtraStore, trust, TestCa.Id(Web)).Problem is null;

    private async Task<CredentialUpdate> CredentialAsync(AuthorityHost host)
    {
        using HttpResponseMessage bundle = await host.DownloadAsync();
        string anchors = _folder.Write("anchors.pem", await bundle.Content.ReadAsStringAsync(Stop));
        await using var reader = new CredentialReader(new CertifyCredentialSource(
            host.Server.Address,
            host.Invoker,
            TestCa.Id(Web),
            host.TokenPath,
            anchors,
            TimeProvider.System,
            new FakeLogger<CertifyCredentialSource>()));
        return await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null });
    }

    private string Pem(string name, ByteString der) => _folder.Write(name, System.Security.Cryptography.PemEncoding.WriteString(
        "CERTIFICATE", der.Span));

    private static async Task<string> OpensslAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/openssl", arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return output;
    }
}
