using System.Net;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Identity;

public sealed class PeerVerifierTests
{
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TestCa _ca;

    public PeerVerifierTests() => _ca = new TestCa(_time);

    [Theory]
    [InlineData(Catalog)]
    [InlineData("spiffe://example.org/ns/shop/sa/catalog")]
    public void Verify_ExpectedIdentity_IsAccepted(string name)
    {
        PeerVerification peer = Verify(new TestLeaf("other.shop", name), name);

        Assert.Null(peer.Problem);
        Assert.Equal([TestCa.Id("other.shop"), TestCa.Id(name)], peer.Identities);
        Assert.Equal(TrustBundle.Thumbprint(_ca.Root), peer.Anchor);
        Assert.Equal(_time.GetUtcNow().AddHours(24), peer.NotAfter);
    }

    [Fact]
    public void Verify_NoCertificate_IsRefused() =>
        Assert.Equal(
            $"the peer presented no certificate: expected {Catalog}", Verifier().Verify(null, [], _ca.Trust, TestCa.Id(Catalog)).Problem);

    [Fact]
    public void Verify_AnotherIdentity_SaysWhatWasExpectedAndPresented() => Assert.Equal(
        $"the certificate is somebody else's: expected {Catalog}, presented {Web}, chain: {Web} < CN=test intermediate < CN=test root",
        Verify(new TestLeaf(Web), Catalog).Problem);

    [Theory]
    [InlineData("spiffe://example.org/ns/shop/sa/Catalog")]
    [InlineData("spiffe://example.org/ns/shop/sa/catalog/")]
    [InlineData("spiffe://example.com/ns/shop/sa/catalog")]
    [InlineData("*.shop.serviceaccount.identity.linkerd.cluster.local")]
    public void Verify_AlmostTheSameName_IsRefused(string name) => Assert.Contains(
        "expected", Verify(new TestLeaf(name), name.StartsWith('*') ? Catalog : "spiffe://example.org/ns/shop/sa/catalog").Problem);

    [Fact]
    public void Verify_OtherAuthority_IsRefused()
    {
        var other = new TestCa(_time, "other");

        PeerVerification peer = Verify(other.Issue(Catalog), _ca.Trust, Catalog);

        Assert.StartsWith("the certificate does not chain to a trust anchor: expected", peer.Problem, StringComparison.Ordinal);
        Assert.Contains("CN=other intermediate", peer.Problem, StringComparison.Ordinal);
        Assert.Null(peer.Anchor);
    }

    [Fact]
    public void Verify_SelfSigned_IsRefused()
    {
        var stranger = new TestCa(_time, "stranger");

        Assert.StartsWith(
            "the certificate does not chain",
            Verifier().Verify(stranger.Root, [], _ca.Trust, TestCa.Id(Catalog)).Problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_TwoAnchors_EitherVouches()
    {
        var next = new TestCa(_time, "next");
        TrustBundle both = TestCa.TrustOf(_ca, next);

        PeerVerification old = Verify(_ca.Issue(Catalog), both, Catalog);
        PeerVerification @new = Verify(next.Issue(Catalog), both, Catalog);

        Assert.Null(old.Problem);
        Assert.Null(@new.Problem);
        Assert.Equal(TrustBundle.Thumbprint(next.Root), @new.Anchor);
        Assert.NotNull(Verify(_ca.Issue(Catalog), next.Trust, Catalog).Problem);
    }

    [Fact]
    public void Verify_Expired_IsRefused()
    {
        Credential credential = _ca.Issue(Catalog);
        Assert.Null(Verify(credential, _ca.Trust, Catalog).Problem);

        _time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));

        Assert.StartsWith(
            $"{Catalog} has expired at 2026-06-02 12:00:00Z, now is 2026-06-02 12:00:01Z: expected",
            Verify(credential, _ca.Trust, Catalog).Problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_NotYetValid_IsRefused()
    {
        Credential credential = _ca.Issue(new TestLeaf(Catalog) { From = TimeSpan.FromMinutes(5) });

        Assert.StartsWith(
            $"{Catalog} is not valid before 2026-06-01 12:05:00Z, now is 2026-06-01 12:00:00Z: expected",
            Verify(credential, _ca.Trust, Catalog).Problem,
            StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(Verify(credential, _ca.Trust, Catalog).Problem);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(TestLeaf.ClientAuth)]
    [InlineData("2.5.29.37.0")]
    public void Verify_NotForServers_IsRefused(string? usage) => Assert.Contains(
        "lacks the extended key usage serverAuth",
        Verify(new TestLeaf(Catalog) { Usages = usage is null ? [] : [usage] }, Catalog).Problem,
        StringComparison.Ordinal);

    [Fact]
    public void Verify_ClientRole_AsksForClientAuth()
    {
        var clients = new PeerVerifier(_time, PeerRole.Client);
        Credential onlyServer = _ca.Issue(new TestLeaf(Web) { Usages = [TestLeaf.ServerAuth] });
        Credential onlyClient = _ca.Issue(new TestLeaf(Web) { Usages = [TestLeaf.ClientAuth] });

        Assert.StartsWith(
            "the certificate lacks the extended key usage clientAuth: presented", Judge(onlyServer).Problem, StringComparison.Ordinal);
        Assert.Null(Judge(onlyClient).Problem);

        PeerVerification Judge(Credential credential) =>
            clients.Verify(credential.Leaf, [.. credential.Intermediates], _ca.Trust, expected: null);
    }

    [Fact]
    public void Verify_NameInCommonNameOnly_IsRefused() => Assert.Contains(
        "no DNS or URI SAN", Verify(new TestLeaf() { Subject = "CN=catalog.shop" }, "catalog.shop").Problem, StringComparison.Ordinal);

    [Fact]
    public void Verify_IpSan_IsNoIdentity() => Assert.Contains(
        "no DNS or URI SAN",
        Verify(new TestLeaf() { OtherNames = names => names.AddIpAddress(IPAddress.Loopback) }, "127.0.0.1").Problem,
        StringComparison.Ordinal);

    [Fact]
    public void Verify_TrailingDotSan_IsSkipped()
    {
        PeerVerification peer = Verify(new TestLeaf() { OtherNames = names => names.AddDnsName(Catalog + ".") }, Catalog);

        Assert.Contains("no DNS or URI SAN", peer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_BrokenSan_IsRefused()
    {
        // An IA5String that claims to be longer than the extension.
        TestLeaf leaf = new TestLeaf(Catalog);
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new CertificateRequest("CN=x", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, 0x04, 0x82, 0x7f, 0x61, 0x62], false));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(TestLeaf.ServerAuth)], false));
        using X509Certificate2 certificate = request.Create(
            _ca.Intermediate, _time.GetUtcNow(), _time.GetUtcNow().AddHours(1), TestCa.Serial());

        Assert.NotNull(Verifier().Verify(certificate, [_ca.Intermediate], _ca.Trust, TestCa.Id(leaf.Identities[0])).Problem);
    }

    [Fact]
    public void Verify_IntermediateNotSent_IsRefused()
    {
        PeerVerification peer = Verifier().Verify(_ca.Issue(Catalog).Leaf, [], _ca.Trust, TestCa.Id(Catalog));

        Assert.StartsWith("the certificate does not chain to a trust anchor", peer.Problem, StringComparison.Ordinal);
        Assert.EndsWith($"chain: {Catalog}", peer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_IntermediatesInAnyOrderAmongOthers_IsAccepted()
    {
        var other = new TestCa(_time, "other");

        Assert.Null(Verifier().Verify(
            _ca.Issue(Catalog).Leaf, [other.Root, other.Intermediate, _ca.Root, _ca.Intermediate], _ca.Trust, TestCa.Id(Catalog)).Problem);
    }

    [Fact]
    public void Verify_AuthoritysOwnCertificate_IsRefused() =>
        Assert.NotNull(Verify(new TestLeaf(Catalog) { IsAuthority = true }, Catalog).Problem);

    [Fact]
    public void Verify_HostileSubject_IsMadeSafe()
    {
        PeerVerification peer = Verify(new TestLeaf() { Subject = "CN=\"a\r\nb\u001b[31m\"" }, Catalog);

        Assert.DoesNotContain(peer.Problem!, char.IsControl);
    }

    [Fact]
    public void Verify_FederatedDomain_VouchesForItsOwnNamesOnly()
    {
        var foreign = new TestCa(_time, "foreign");
        TrustBundle trust = TrustBundle.TryCreate(
            new Dictionary<string, X509Certificate2Collection> { ["ours.org"] = [_ca.Root], ["theirs.org"] = [foreign.Root] },
            "ours.org",
            out _)!;

        Assert.Null(Verify(foreign.Issue("spiffe://theirs.org/a"), trust, "spiffe://theirs.org/a").Problem);
        Assert.Null(Verify(_ca.Issue("spiffe://ours.org/a"), trust, "spiffe://ours.org/a").Problem);
        Assert.Null(Verify(_ca.Issue(Catalog), trust, Catalog).Problem);
        Assert.NotNull(Verify(foreign.Issue("spiffe://ours.org/a"), trust, "spiffe://ours.org/a").Problem);
        Assert.NotNull(Verify(foreign.Issue(Catalog), trust, Catalog).Problem);
        Assert.StartsWith(
            "there is no trust anchor",
            Verify(_ca.Issue("spiffe://third.org/a"), trust, "spiffe://third.org/a").Problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ForeignCertificateWithANameOfOurs_IsTakenForItsOwnNameOnly()
    {
        var foreign = new TestCa(_time, "foreign");
        TrustBundle trust = TrustBundle.TryCreate(
            new Dictionary<string, X509Certificate2Collection> { ["ours.org"] = [_ca.Root], ["theirs.org"] = [foreign.Root] },
            "ours.org",
            out _)!;
        Credential credential = foreign.Issue("spiffe://theirs.org/a", "spiffe://ours.org/admin", Catalog);

        PeerVerification peer = Verifier().Verify(credential.Leaf, [.. credential.Intermediates], trust, expected: null);

        Assert.Null(peer.Problem);
        Assert.Equal([TestCa.Id("spiffe://theirs.org/a")], peer.Identities);
        Assert.NotNull(Verify(credential, trust, "spiffe://ours.org/admin").Problem);
    }

    private PeerVerifier Verifier() => new(_time, PeerRole.Server);

    private PeerVerification Verify(TestLeaf leaf, string expected) =>
        Verifier().Verify(_ca.IssueCertificate(leaf), [_ca.Intermediate], _ca.Trust, Expect(expected));

    private PeerVerification Verify(Credential credential, TrustBundle trust, string expected) =>
        Verifier().Verify(credential.Leaf, [.. credential.Intermediates], trust, Expect(expected));

    private static WorkloadIdentity Expect(string name) => TestCa.Id(name);
}
