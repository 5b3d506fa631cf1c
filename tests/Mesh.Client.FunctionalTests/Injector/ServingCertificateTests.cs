using System.Net;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Injector;

/// <summary>What an API server is shown, over real TLS.</summary>
public sealed class ServingCertificateTests : IDisposable
{
    private const string Name = "mesh-injector.mesh.svc";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OfTheAuthority_IsRenewedAfterTwoThirdsOfItsLife()
    {
        await using InjectorHost host = await StartAsync(new()
        {
            ["Authority:Directory"] = _folder.File("ca"),
            ["Authority:LeafLifetime"] = "01:00:00",
        });

        string first = await ShownAsync(host, () => host.Authority.TrustBundlePem);
        _clock.Advance(TimeSpan.FromMinutes(39));
        string before = await ShownAsync(host, () => host.Authority.TrustBundlePem);
        _clock.Advance(TimeSpan.FromMinutes(2));
        string after = await ShownAsync(host, () => host.Authority.TrustBundlePem);

        Assert.Equal(first, before);
        Assert.NotEqual(before, after);
        Assert.Equal(2, host.Logs.GetSnapshot().Count(record => record.Id.Name == "ServingCertificateTaken"));
    }

    [Fact]
    public async Task OfTheAuthority_IsReplacedWhenTheClockIsSetBackBeforeIt()
    {
        await using InjectorHost host = await StartAsync(new() { ["Authority:Directory"] = _folder.File("ca") });
        _clock.Advance(TimeSpan.FromHours(12));
        string first = await ShownAsync(host, () => host.Authority.TrustBundlePem);

        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromHours(6));
        string second = await ShownAsync(host, () => host.Authority.TrustBundlePem);

        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task OfFiles_ThatIsNotValidYetAfterTheClockWasSetBack_FailsWithTheReason()
    {
        _clock.Advance(TimeSpan.FromHours(12));
        var ca = new TestCa(_clock);
        Write(ca);
        await using InjectorHost host = await StartAsync(new()
        {
            ["Injector:CertificateFile"] = _folder.File("tls.crt"),
            ["Injector:PrivateKeyFile"] = _folder.File("tls.key"),
        });
        await ShownAsync(host, () => ca.Root.ExportCertificatePem());

        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromHours(6));
        await Assert.ThrowsAsync<HttpRequestException>(() => ShownAsync(host, () => ca.Root.ExportCertificatePem()));

        Assert.Contains("there is no certificate to show: it is valid from ", Assert.Single(
            host.Logs.GetSnapshot(), record => record.Id.Name == "NoServingCertificate").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OfTheAuthority_IsReplacedAtOnceWhenTheIssuerIs()
    {
        await using InjectorHost host = await StartAsync(new() { ["Authority:Directory"] = _folder.File("ca") });
        string? anchors = host.Authority.TrustBundlePem;
        string first = await ShownAsync(host, () => anchors);
        SigningKey root = CertificateFactory.Root(_clock.GetUtcNow(), TimeSpan.FromDays(100));
        SigningKey signer = CertificateFactory.Intermediate(root, _clock.GetUtcNow(), TimeSpan.FromDays(10));
        Issuer? issuer = Issuer.TryCreate(
            signer, [], TrustBundle.TryCreate([root.Certificate], out _)!, _clock.GetUtcNow(), out string? problem);
        Assert.Null(problem);

        host.Authority.Take(issuer!);
        string second = await ShownAsync(host, () => root.Certificate.ExportCertificatePem());

        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task OfTheAuthority_IsForTheNameThatIsSet()
    {
        await using InjectorHost host = await StartAsync(new()
        {
            ["Authority:Directory"] = _folder.File("ca"),
            ["Injector:ServerName"] = "localhost",
        });

        await ShownAsync(host, () => host.Authority.TrustBundlePem, "localhost");
        await Assert.ThrowsAsync<HttpRequestException>(() => ShownAsync(host, () => host.Authority.TrustBundlePem));
    }

    [Fact]
    public async Task WithoutAnIssuer_HandshakesFailWithTheReasonAndTheRestGoesOn()
    {
        await using InjectorHost host = await StartAsync([]);

        await Assert.ThrowsAsync<HttpRequestException>(() => ShownAsync(host, () => null));
        await Assert.ThrowsAsync<HttpRequestException>(() => ShownAsync(host, () => null));

        FakeLogRecord record = Assert.Single(host.Logs.GetSnapshot(), record => record.Id.Name == "NoServingCertificate");
        Assert.Equal(
            "TLS handshake with the injector failed: there is no certificate to show: the authority of this process has no issuer yet, "
            + "and no certificate file is set.",
            record.Message);
        Assert.DoesNotContain(host.Logs.GetSnapshot(), record => record.Level >= LogLevel.Error);
        using var client = new HttpClient
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage other = await client.GetAsync(host.Address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task OfFiles_IsTakenAnewWhenTheyChange_AndStaysWhenTheyAreBroken()
    {
        var ca = new TestCa(_clock);
        Write(ca);
        await using InjectorHost host = await StartAsync(new()
        {
            ["Injector:CertificateFile"] = _folder.File("tls.crt"),
            ["Injector:PrivateKeyFile"] = _folder.File("tls.key"),
        });
        string first = await ShownAsync(host, Anchors);

        Write(ca);
        _clock.Advance(TimeSpan.FromSeconds(3));
        string second = await ShownAsync(host, Anchors);
        _folder.Write("tls.key", "nothing");
        _clock.Advance(TimeSpan.FromSeconds(3));
        string third = await ShownAsync(host, Anchors);

        Assert.NotEqual(first, second);
        Assert.Equal(second, third);
        Assert.Contains("tls.key: it holds no PEM private key", Assert.Single(
            host.Logs.GetSnapshot(), record => record.Id.Name == "ServingCertificateNotRenewed").Message, StringComparison.Ordinal);

        string Anchors() => ca.Root.ExportCertificatePem();
    }

    [Fact]
    public async Task OfFiles_ThatAreNotThere_FailsWithTheReason()
    {
        await using InjectorHost host = await StartAsync(new() { ["Injector:CertificateFile"] = _folder.File("tls.crt") });

        await Assert.ThrowsAsync<HttpRequestException>(() => ShownAsync(host, () => null));

        Assert.Contains(_folder.File("tls.crt"), Assert.Single(
            host.Logs.GetSnapshot(), record => record.Id.Name == "NoServingCertificate").Message, StringComparison.Ordinal);
    }

    private Task<InjectorHost> StartAsync(MeshSettings settings) =>
        InjectorHost.StartAsync(settings, services => services.AddSingleton<TimeProvider>(_clock));

    private void Write(TestCa ca)
    {
        Credential credential = ca.Issue(Name);
        _folder.Write("tls.key", TestCa.KeyPem(credential));
        _folder.Write("tls.crt", TestCa.ChainPem(credential));
    }

    /// <summary>One call over a connection of its own.</summary>
    /// <returns>The serial number of the certificate, which was verified.</returns>
    private async Task<string> ShownAsync(InjectorHost host, Func<string?> anchors, string name = Name)
    {
        string? serial = null;
        using HttpClient client = InjectorClient.Create(
            host.Port, name, anchors, certificate => serial = certificate.SerialNumber, () => _clock.GetUtcNow());
        (HttpStatusCode status, _) = await host.PostAsync(InjectorHost.Review(InjectorHost.Pod()).ToJsonString(), client: client);
        Assert.Equal(HttpStatusCode.OK, status);
        return serial!;
    }
}
