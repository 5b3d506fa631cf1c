using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.AspNetCore.Authority;

public sealed class MeshAuthorityTests : IDisposable
{
    // Longer than a common name may be.
    private const string Web = "web.a-namespace-with-quite-a-long-name.serviceaccount.identity.linkerd.cluster.local";

    private readonly AuthorityFixture _fixture = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private DateTimeOffset Now => _fixture.Time.GetUtcNow();

    public void Dispose()
    {
        _key.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public void Issue_Defaults_IsAMeshCertificate()
    {
        MeshAuthority authority = _fixture.Open();

        IssuedCertificate issued = Issue(authority);

        X509Certificate2 leaf = issued.Leaf;
        Assert.Equal(Now - TimeSpan.FromSeconds(20), leaf.NotBefore.ToUniversalTime());
        Assert.Equal(Now + TimeSpan.FromHours(24) + TimeSpan.FromSeconds(20), issued.NotAfter);
        Assert.Equal("", leaf.Subject);
        Assert.False(leaf.HasPrivateKey);
        Assert.Equal(_key.ExportSubjectPublicKeyInfo(), leaf.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal("1.2.840.10045.4.3.2", leaf.SignatureAlgorithm.Value);
        X509SubjectAlternativeNameExtension names = Assert.Single(leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>());
        Assert.True(names.Critical);
        Assert.Equal([Web], names.EnumerateDnsNames());
        Assert.Equal(
            X509KeyUsageFlags.DigitalSignature, Assert.Single(leaf.Extensions.OfType<X509KeyUsageExtension>()).KeyUsages);
        Assert.False(Assert.Single(leaf.Extensions.OfType<X509BasicConstraintsExtension>()).CertificateAuthority);
        foreach (PeerRole role in new[] { PeerRole.Client, PeerRole.Server })
        {
            Assert.Null(new PeerVerifier(_fixture.Time, role)
                .Verify(leaf, [issued.Intermediate], authority.TrustBundle!, TestCa.Id(Web)).Problem);
        }
    }

    [Fact]
    public void Issue_Authorities_MaySignSoFarAndNoFurther()
    {
        MeshAuthority authority = _fixture.Open();
        X509Certificate2 intermediate = Issue(authority).Intermediate;
        using X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(_fixture.File("root.crt"));

        X509BasicConstraintsExtension[] constraints =
            [.. new[] { root, intermediate }.Select(c => c.Extensions.OfType<X509BasicConstraintsExtension>().Single())];
        Assert.All(constraints, constraint => Assert.True(constraint is { Critical: true, CertificateAuthority: true }));
        Assert.Equal([1, 0], constraints.Select(constraint => constraint.PathLengthConstraint));
        Assert.All(new[] { root, intermediate }, certificate => Assert.Equal(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
            certificate.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages));
        Assert.Equal(
            root.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes,
            intermediate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value);
        Assert.Equal(Now.AddDays(3650), root.NotAfter.ToUniversalTime());
        Assert.Equal(Now.AddDays(7), intermediate.NotAfter.ToUniversalTime());
    }

    [Fact]
    public void Rotation_HalfOfTheLife_ANewIntermediateThatIsKept()
    {
        MeshAuthority authority = _fixture.Open();
        IssuedCertificate old = Issue(authority);
        string root = _fixture.Files()["root.crt"];

        _fixture.Time.Advance(TimeSpan.FromDays(3.5) - TimeSpan.FromSeconds(1));
        Assert.Equal(old.Intermediate, Issue(authority).Intermediate);
        IssuedCertificate last = Issue(authority);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));

        // By the timer alone: nothing was asked for.
        using X509Certificate2 kept = X509CertificateLoader.LoadCertificateFromFile(_fixture.File("intermediate.crt"));
        Assert.NotEqual(old.Intermediate, kept);
        IssuedCertificate next = Issue(authority);
        Assert.Equal(kept, next.Intermediate);
        Assert.Equal(root, _fixture.Files()["root.crt"]);
        Assert.Single(_fixture.Log.Collector.GetSnapshot(), record => record.Id.Name == "IntermediateRotated");
        Assert.All(new[] { last, next }, issued => Assert.Null(new PeerVerifier(_fixture.Time, PeerRole.Client)
            .Verify(issued.Leaf, [issued.Intermediate], authority.TrustBundle!, TestCa.Id(Web)).Problem));

        authority.Dispose();
        Assert.Equal(kept, Issue(_fixture.Open()).Intermediate);
    }

    [Fact]
    public void Rotation_DueWhileStopped_HappensAtTheStart()
    {
        MeshAuthority authority = _fixture.Open();
        IssuedCertificate old = Issue(authority);
        authority.Dispose();
        _fixture.Time.Advance(TimeSpan.FromDays(30));

        IssuedCertificate next = Issue(_fixture.Open());

        Assert.NotEqual(old.Intermediate, next.Intermediate);
        Assert.Equal(Now.AddDays(1).AddSeconds(20), next.NotAfter);
    }

    [Fact]
    public void Rotation_CannotBeKept_TheOldOneSignsOnUntilItEnds()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "what is locked cannot be deleted");
        MeshAuthority authority = _fixture.Open();
        IssuedCertificate old = Issue(authority);
        Directory.Delete(_fixture.Path, recursive: true);

        _fixture.Time.Advance(TimeSpan.FromDays(4));
        Assert.Equal(old.Intermediate, Issue(authority).Intermediate);
        Assert.Contains(_fixture.Log.Collector.GetSnapshot(), record => record.Id.Name == "IntermediateNotRotated");

        _fixture.Time.Advance(TimeSpan.FromDays(4));
        Assert.False(authority.IsLoaded);
        Assert.Throws<AuthorityException>(() => Issue(authority));
    }

    [Fact]
    public void Issue_RootNearItsEnd_NothingOutlivesIt()
    {
        _fixture.Options.RootLifetime = TimeSpan.FromDays(7);
        MeshAuthority authority = _fixture.Open();
        _fixture.Time.Advance(TimeSpan.FromDays(6.5));

        IssuedCertificate issued = Issue(authority);

        Assert.Equal(Now.AddDays(0.5), issued.NotAfter);
        Assert.Equal(Now.AddDays(0.5), issued.Intermediate.NotAfter.ToUniversalTime());
        _fixture.Time.Advance(TimeSpan.FromDays(0.5));
        Assert.Equal("the issuer's certificate has expired", Assert.Throws<AuthorityException>(() => Issue(authority)).Message);
    }

    [Fact]
    public void Issue_NotOpen_SaysSo() =>
        Assert.Equal("issuer not loaded", Assert.Throws<AuthorityException>(() => Issue(_fixture.New())).Message);

    [Fact]
    public void Log_WholeLife_HoldsNoKeyAndNoToken()
    {
        MeshAuthority authority = _fixture.Open();
        Issue(authority);
        _fixture.Time.Advance(TimeSpan.FromDays(4));

        IReadOnlyList<Microsoft.Extensions.Logging.Testing.FakeLogRecord> records = _fixture.Log.Collector.GetSnapshot();
        string all = string.Join('\n', records.Select(record => record.Message + record.Exception));
        Assert.DoesNotContain(File.ReadAllText(_fixture.File("token")), all, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllLines(_fixture.File("root.key"))[1], all, StringComparison.Ordinal);
        Assert.Equal(LogLevel.Debug, Assert.Single(records, record => record.Id.Name == "CertificateIssued").Level);
        string opened = Assert.Single(records, record => record.Id.Name == "AuthorityOpened").Message;
        using X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(_fixture.File("root.crt"));
        Assert.Contains(root.GetCertHashString(HashAlgorithmName.SHA256), opened, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("For production use Linkerd's identity, SPIRE or cert-manager", opened, StringComparison.Ordinal);
    }

    private IssuedCertificate Issue(MeshAuthority authority) => authority.Issue(TestCa.Id(Web), new PublicKey(_key));
}
