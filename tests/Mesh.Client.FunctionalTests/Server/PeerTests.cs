using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.AspNetCore.Server;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Server;

public sealed class PeerTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly TestCa _ca = new();
    private readonly TestCa _other = new(name: "other");

    private ManualCredentials Credentials => new(_ca.Issue(Catalog), _ca.Trust);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Handshake_EveryConnection_ShowsAndVerifiesIntermediates(string version)
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials, MeshIdentityMode.Strict);
        // One context for all: with a ticket the platform would resume.
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web) };
        for (int i = 0; i < 4; i++)
        {
            Assert.Contains(Web, await caller.GetAsync(Version.Parse(version)));
            Assert.Contains(_ca.Intermediate.Thumbprint, caller.Others);
        }

        Assert.Equal(4, server.Handshakes(HandshakeOutcome.Verified));
    }

    [Fact]
    public async Task NoCertificate_Permissive_IsTlsWithoutIdentity()
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials);

        Assert.Equal("https HTTP/1.1 - tls feature -", await new MeshCaller(server).GetAsync(HttpVersion.Version11));
        Assert.Equal(1, server.Handshakes(HandshakeOutcome.Anonymous));
    }

    [Fact]
    public async Task NoCertificate_Strict_IsRefused()
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials, MeshIdentityMode.Strict);

        Assert.False(await new MeshCaller(server).IsServedAsync());

        await Eventually.TrueAsync(() => server.Handshakes(HandshakeOutcome.Refused) >= 1 && server.Warnings().Length > 0);
        Assert.Contains("presented no certificate", Assert.Single(server.Warnings()));
    }

    [Theory]
    [InlineData("another CA", "chain")]
    [InlineData("expired", "expired")]
    [InlineData("not yet valid", "valid before")]
    [InlineData("self-signed", "chain")]
    [InlineData("name only in CN", "no DNS or URI SAN")]
    [InlineData("no clientAuth", "clientAuth")]
    public async Task BadCertificate_InEitherMode_IsRefusedWithReason(string fault, string reason)
    {
        SslStreamCertificateContext bad = Bad(fault);
        foreach (MeshIdentityMode mode in new[] { MeshIdentityMode.Permissive, MeshIdentityMode.Strict })
        {
            await using MeshServer server = await MeshServer.StartAsync(Credentials, mode);
            var caller = new MeshCaller(server) { Certificate = bad };

            Assert.False(await caller.IsServedAsync());
            Assert.False(await caller.IsServedAsync());

            await Eventually.TrueAsync(() => server.Handshakes(HandshakeOutcome.Refused) >= 2 && server.Warnings().Length > 0);
            string warning = Assert.Single(server.Warnings());
            Assert.Contains("127.0.0.1", warning);
            Assert.Contains(reason, warning);
            Assert.Equal(0, server.Handshakes(HandshakeOutcome.Verified));
            Assert.True(await new MeshCaller(server) { Credential = _ca.Issue(Web) }.IsServedAsync());
        }
    }

    [Fact]
    public async Task Tls12_IsRefused()
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials);
#pragma warning disable CA5398 // The old version is the point.
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web), Versions = SslProtocols.Tls12 };
#pragma warning restore CA5398

        Assert.False(await caller.IsServedAsync());

        await Eventually.TrueAsync(() => server.Handshakes(HandshakeOutcome.Failed) >= 1);
    }

    [Fact]
    public async Task NoCredentialYet_Handshake_WaitsForIt()
    {
        var credentials = new ManualCredentials(null, null);
        await using MeshServer server = await MeshServer.StartAsync(credentials);
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web) };

        Task<string> answer = caller.GetAsync(HttpVersion.Version20);
        Assert.Equal("http HTTP/1.1 - plain - -", await new MeshCaller(server) { Tls = false }.GetAsync(HttpVersion.Version11));
        Assert.False(answer.IsCompleted);
        credentials.Set(_ca.Issue(Catalog), _ca.Trust);

        Assert.Contains(Web, await answer);
    }

    [Theory]
    [InlineData("client")]
    [InlineData("server")]
    public async Task NoCredential_HandshakeGivenUp_IsSaid(string who)
    {
        await using MeshServer server = await MeshServer.StartAsync(
            new ManualCredentials((Credential?)null, null), shutdownTimeout: TimeSpan.FromMinutes(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<Stream> handshake = new MeshCaller(server) { Credential = _ca.Issue(Web) }.ConnectAsync(stop.Token);
        // Its bytes are with the server once a later connection was served.
        Assert.True(await new MeshCaller(server) { Tls = false }.IsServedAsync());
        Assert.False(handshake.IsCompleted);
        if (who == "client")
        {
            await stop.CancelAsync();
        }
        else
        {
            // The handshake's own limit is 10 s.
            await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => handshake);
        // Counted first, then logged.
        await Eventually.TrueAsync(() => server.Handshakes(HandshakeOutcome.NoCredential) == 1 && server.Warnings().Length > 0);
        Assert.Contains("no answer yet (the test)", Assert.Single(server.Warnings()));
    }

    private SslStreamCertificateContext Bad(string fault) => fault switch
    {
        "another CA" => _other.Issue(Web).Context,
        "expired" => _ca.Issue(new TestLeaf(Web) { From = TimeSpan.FromHours(-2), Until = TimeSpan.FromHours(-1) }).Context,
        "not yet valid" => _ca.Issue(new TestLeaf(Web) { From = TimeSpan.FromHours(1) }).Context,
        "self-signed" => SelfSigned().Context,
        // No credential of ours can be so.
        "name only in CN" => SslStreamCertificateContext.Create(
            _ca.IssueCertificate(new TestLeaf { Subject = $"CN={Web[..20]}" }), [_ca.Intermediate], offline: true),
        _ => _ca.Issue(new TestLeaf(Web) { Usages = [TestLeaf.ServerAuth] }).Context,
    };

    private static Credential SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Web);
        request.CertificateExtensions.Add(names.Build(critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(TestLeaf.ClientAuth)], false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return Credential.TryCreate(request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1)), [], out string? problem)
            ?? throw new InvalidOperationException(problem);
    }
}
