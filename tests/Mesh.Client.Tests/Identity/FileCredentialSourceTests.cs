using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Identity;

public sealed class FileCredentialSourceTests : IDisposable
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-identity-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeLogger<FileCredentialSource> _log = new();
    private readonly TestCa _ca;

    public FileCredentialSourceTests() => _ca = new TestCa(_time);

    private string Certificate => Path.Combine(_directory.FullName, "tls.crt");

    private string Key => Path.Combine(_directory.FullName, "tls.key");

    private string Trust => Path.Combine(_directory.FullName, "ca.crt");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task WatchAsync_Files_AreRead()
    {
        Credential written = Write(_ca.Issue(Web));
        await using CredentialReader reader = Read();

        CredentialUpdate state = await UntilAsync(reader, state => state is { Credential: not null, TrustBundle: not null });

        Assert.Equal(written, state.Credential);
        Assert.True(state.Credential!.Leaf.HasPrivateKey);
        Assert.Equal([_ca.Intermediate], state.Credential.Intermediates);
        Assert.Equal(_ca.Trust, state.TrustBundle);
        Assert.Null(state.Problem);
    }

    [Theory]
    [InlineData("EC")]
    [InlineData("RSA")]
    [InlineData("RSA PKCS#8")]
    public async Task WatchAsync_EachKeyFormat_IsRead(string format)
    {
        using ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        AsymmetricAlgorithm key = format == "EC" ? ec : rsa;
        using X509Certificate2 certificate = _ca.Sign(new TestLeaf(Web), key.ExportSubjectPublicKeyInfo());
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Key,
            format switch
            {
                "EC" => ec.ExportECPrivateKeyPem(),
                "RSA" => rsa.ExportRSAPrivateKeyPem(),
                _ => rsa.ExportPkcs8PrivateKeyPem(),
            },
            TestContext.Current.CancellationToken);
        await using CredentialReader reader = Read();

        CredentialUpdate state = await UntilAsync(reader, state => state.Credential is not null);

        Assert.True(state.Credential!.Leaf.HasPrivateKey);
    }

    [Fact]
    public async Task WatchAsync_FilesRewritten_GiveTheNewOnes()
    {
        Write(_ca.Issue(Web));
        await using CredentialReader reader = Read();
        await UntilAsync(reader, state => state is { Credential: not null, TrustBundle: not null });

        var next = new TestCa(_time, "next");
        Credential second = Write(next.Issue(Web), _ca, next);
        CredentialUpdate both = await UntilAsync(reader, state => second.Equals(state.Credential) && state.TrustBundle!.Count == 2);
        Assert.Null(both.Problem);

        Write(second, next);
        await UntilAsync(reader, state => next.Trust.Equals(state.TrustBundle));
    }

    [Fact]
    public async Task WatchAsync_KubernetesSecretSwapped_GivesTheNewOne()
    {
        Credential first = _ca.Issue(Web), second = _ca.Issue(Web);
        Secret("..1", first);
        Secret("..2", second);
        string data = Path.Combine(_directory.FullName, "..data");
        Directory.CreateSymbolicLink(data, "..1");
        foreach (string name in new[] { "tls.crt", "tls.key", "ca.crt" })
        {
            File.CreateSymbolicLink(Path.Combine(_directory.FullName, name), Path.Combine("..data", name));
        }

        await using CredentialReader reader = Read();
        await UntilAsync(reader, state => first.Equals(state.Credential));

        // As the kubelet does it: a new link, renamed over the old one.
        string temporary = Path.Combine(_directory.FullName, "..data_tmp");
        Directory.CreateSymbolicLink(temporary, "..2");
        using (var move = System.Diagnostics.Process.Start("mv", ["-T", temporary, data]))
        {
            await move.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, move.ExitCode);
        }

        CredentialUpdate state = await UntilAsync(reader, state => second.Equals(state.Credential));
        Assert.Null(state.Problem);
    }

    [Fact]
    public async Task WatchAsync_KubernetesConfigMapSwapped_GivesTheNewAnchors()
    {
        var next = new TestCa(_time, "next");
        Write(_ca.Issue(Web));
        string mount = Path.Combine(_directory.FullName, "trust-bundle");
        string data = Path.Combine(mount, "..data");
        foreach ((string version, string anchors) in new[] { ("..1", Anchors(_ca)), ("..2", Anchors(_ca, next)) })
        {
            Directory.CreateDirectory(Path.Combine(mount, version));
            await File.WriteAllTextAsync(Path.Combine(mount, version, "ca.crt"), anchors, TestContext.Current.CancellationToken);
        }

        Directory.CreateSymbolicLink(data, "..1");
        File.CreateSymbolicLink(Path.Combine(mount, "ca.crt"), Path.Combine("..data", "ca.crt"));
        await using CredentialReader reader = Read(mount);
        await UntilAsync(reader, state => _ca.Trust.Equals(state.TrustBundle));

        // As the kubelet does it: a new link, renamed over the old one.
        Directory.CreateSymbolicLink(data + "_tmp", "..2");
        using (var move = System.Diagnostics.Process.Start("mv", ["-T", data + "_tmp", data]))
        {
            await move.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, move.ExitCode);
        }

        CredentialUpdate state = await UntilAsync(reader, state => state.TrustBundle!.Count == 2);
        Assert.Equal(TestCa.TrustOf(_ca, next), state.TrustBundle);
        Assert.Null(state.Problem);
    }

    [Fact]
    public async Task WatchAsync_KeyOfAnotherCertificate_IsRefusedUntilItFits()
    {
        Credential first = Write(_ca.Issue(Web));
        await using CredentialReader reader = Read();
        await UntilAsync(reader, state => state is { Credential: not null, TrustBundle: not null });

        Credential second = _ca.Issue(Web);
        await File.WriteAllTextAsync(Certificate, TestCa.ChainPem(second), TestContext.Current.CancellationToken);
        CredentialUpdate half = await UntilAsync(reader, state => state.Problem is not null);
        Assert.Equal($"{Key}: the key does not belong to the certificate (certificate {Certificate})", half.Problem);
        Assert.Equal(first, half.Credential);

        await File.WriteAllTextAsync(Key, TestCa.KeyPem(second), TestContext.Current.CancellationToken);
        CredentialUpdate whole = await UntilAsync(reader, state => state.Problem is null);
        Assert.Equal(second, whole.Credential);
    }

    [Fact]
    public async Task WatchAsync_ProblemThatGoesBackToTheOldFiles_IsOver()
    {
        Credential first = Write(_ca.Issue(Web));
        await using CredentialReader reader = Read();
        await UntilAsync(reader, state => state is { Credential: not null, TrustBundle: not null });
        File.Delete(Key);
        File.Delete(Trust);
        CredentialUpdate gone = await UntilAsync(
            reader, state => state.Problem == $"{Key}: there is no such file; {Trust}: there is no such file");
        Assert.Equal(first, gone.Credential);

        Write(first);

        Assert.Equal(first, (await UntilAsync(reader, state => state.Problem is null)).Credential);
    }

    [Fact]
    public async Task WatchAsync_HalfWrittenFiles_AreRefused()
    {
        Credential first = Write(_ca.Issue(Web));
        await using CredentialReader reader = Read();
        await UntilAsync(reader, state => state is { Credential: not null, TrustBundle: not null });

        string chain = TestCa.ChainPem(_ca.Issue(Web));
        await File.WriteAllTextAsync(Certificate, chain[..^100], TestContext.Current.CancellationToken);
        Assert.Equal(
            $"{Certificate}: a certificate in it is cut off", (await UntilAsync(reader, state => state.Problem is not null)).Problem);

        await File.WriteAllTextAsync(Certificate, chain[..100], TestContext.Current.CancellationToken);
        CredentialUpdate state = await UntilAsync(
            reader, state => state.Problem?.Contains("no PEM certificate", StringComparison.Ordinal) == true);
        Assert.Equal(first, state.Credential);
    }

    [Fact]
    public async Task WatchAsync_ExpiredOrNotYetValid_IsRefusedUntilItsTime()
    {
        Credential early = Write(_ca.Issue(new TestLeaf(Web) { From = TimeSpan.FromSeconds(30) }));
        await using CredentialReader reader = Read();

        CredentialUpdate refused = await reader.UntilAsync(state => state is { TrustBundle: not null, Problem: not null });
        Assert.Null(refused.Credential);
        Assert.Equal(
            $"{Certificate}: the certificate is valid from 2026-06-01 12:00:30Z to 2026-06-02 12:00:00Z only", refused.Problem);

        Assert.Equal(early, (await UntilAsync(reader, state => state.Problem is null)).Credential);
    }

    [Fact]
    public async Task WatchAsync_TrustDirectory_IsReadWhole()
    {
        var next = new TestCa(_time, "next");
        string directory = Directory.CreateDirectory(Path.Combine(_directory.FullName, "anchors")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(directory, "a.pem"), _ca.Root.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(directory, "README"), "not an anchor", TestContext.Current.CancellationToken);
        Write(_ca.Issue(Web));
        await using CredentialReader reader = Read(directory);
        await UntilAsync(reader, state => _ca.Trust.Equals(state.TrustBundle));

        await File.WriteAllTextAsync(
            Path.Combine(directory, "b.crt"), next.Root.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await UntilAsync(reader, state => TestCa.TrustOf(_ca, next).Equals(state.TrustBundle));

        await File.WriteAllTextAsync(Path.Combine(directory, "a.pem"), "garbage", TestContext.Current.CancellationToken);
        CredentialUpdate broken = await UntilAsync(reader, state => state.Problem is not null);
        Assert.Equal($"{Path.Combine(directory, "a.pem")}: it holds no PEM certificate", broken.Problem);
        Assert.Equal(2, broken.TrustBundle!.Count);

        File.Delete(Path.Combine(directory, "a.pem"));
        await UntilAsync(reader, state => next.Trust.Equals(state.TrustBundle) && state.Problem is null);
    }

    [Theory]
    [InlineData("ENCRYPTED", "the key is encrypted; it must be stored without a password")]
    [InlineData("PUBLIC", "it holds no PEM private key")]
    [InlineData("RSA", "it holds no elliptic curve private key that can be read, but the certificate needs one")]
    [InlineData("GARBAGE", "it holds no elliptic curve private key that can be read, but the certificate needs one")]
    public async Task WatchAsync_UnusableKey_SaysWhy(string kind, string reason)
    {
        Credential credential = Write(_ca.Issue(Web));
        using ECDsa key = credential.Leaf.GetECDsaPrivateKey()!;
        using var rsa = RSA.Create(2048);
        await File.WriteAllTextAsync(
            Key,
            kind switch
            {
                "ENCRYPTED" => key.ExportEncryptedPkcs8PrivateKeyPem(
                    "pw", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)),
                "PUBLIC" => key.ExportSubjectPublicKeyInfoPem(),
                "RSA" => rsa.ExportPkcs8PrivateKeyPem(),
                _ => "-----BEGIN PRIVATE KEY-----\nZm9vYmFy\n-----END PRIVATE KEY-----\n",
            },
            TestContext.Current.CancellationToken);
        await using CredentialReader reader = Read();

        CredentialUpdate state = await UntilAsync(reader, state => state.Problem is not null);

        Assert.Equal($"{Key}: {reason} (certificate {Certificate})", state.Problem);
    }

    [Fact]
    public async Task WatchAsync_Logs_OncePerChangeAndNoSecrets()
    {
        Credential credential = Write(_ca.Issue(Web));
        string secret = TestCa.KeyPem(credential).Split('\n')[1];
        await using CredentialReader reader = Read();
        CredentialUpdate state = await UntilAsync(reader, state => state is { Credential: not null, TrustBundle: not null });
        await File.WriteAllTextAsync(Certificate, "x", TestContext.Current.CancellationToken);
        CredentialUpdate bad = await UntilAsync(reader, state => state.Problem is not null);
        _time.Advance(FilePoll.Interval * 3);
        Write(credential);
        await UntilAsync(reader, state => state.Problem is null);

        Assert.Equal(
            [LogLevel.Information, LogLevel.Information, LogLevel.Warning], _log.Collector.GetSnapshot().Select(record => record.Level));
        string all = string.Join('\n', _log.Collector.GetSnapshot().Select(record => record.Message)) + state + bad + state.Credential;
        Assert.Contains(Web, all, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[..20], all, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN", all, StringComparison.Ordinal);
    }

    private Credential Write(Credential credential, params TestCa[] anchors)
    {
        File.WriteAllText(Certificate, TestCa.ChainPem(credential));
        File.WriteAllText(Key, TestCa.KeyPem(credential));
        File.WriteAllText(Trust, Anchors(anchors.Length == 0 ? [_ca] : anchors));
        return credential;
    }

    private void Secret(string version, Credential credential)
    {
        string directory = _directory.CreateSubdirectory(version).FullName;
        File.WriteAllText(Path.Combine(directory, "tls.crt"), TestCa.ChainPem(credential));
        File.WriteAllText(Path.Combine(directory, "tls.key"), TestCa.KeyPem(credential));
        File.WriteAllText(Path.Combine(directory, "ca.crt"), Anchors(_ca));
    }

    private static string Anchors(params TestCa[] anchors) =>
        string.Join("\n# the next one\n", anchors.Select(ca => ca.Root.ExportCertificatePem())) + "\n";

    private CredentialReader Read(string? trust = null) => new(new FileCredentialSource(Certificate, Key, trust ?? Trust, _time, _log));

    private Task<CredentialUpdate> UntilAsync(CredentialReader reader, Func<CredentialUpdate, bool> wanted) =>
        reader.UntilAsync(wanted, () => _time.Advance(FilePoll.Interval));
}
