using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Identity;

/// <summary>What a test certificate says. The defaults are a mesh certificate's.</summary>
internal sealed record TestLeaf(params string[] Identities)
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    /// <summary>From the given clock's time on; the past is negative.</summary>
    public TimeSpan From { get; init; } = TimeSpan.FromMinutes(-1);

    public TimeSpan Until { get; init; } = TimeSpan.FromHours(24);

    public string[] Usages { get; init; } = [ServerAuth, ClientAuth];

    public string Subject { get; init; } = "";

    /// <summary>Adds names of other kinds.</summary>
    public Action<SubjectAlternativeNameBuilder>? OtherNames { get; init; }

    /// <summary>Signed by the root itself.</summary>
    public bool NoIntermediate { get; init; }

    public bool IsAuthority { get; init; }
}

/// <summary>An authority for tests: a root and an intermediate below it, which signs. All P-256, lifetimes by the given clock.</summary>
internal sealed class TestCa
{
    private readonly TimeProvider _time;

    public TestCa(TimeProvider? time = null, string name = "test")
    {
        _time = time ?? TimeProvider.System;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest root = Authority($"CN={name} root", rootKey);
        Root = root.CreateSelfSigned(Now.AddDays(-400), Now.AddDays(4000));
        Intermediate = NewIntermediate(name);
    }

    /// <summary>With its key.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>With its key.</summary>
    public X509Certificate2 Intermediate { get; }

    public TrustBundle Trust => TrustOf(this);

    private DateTimeOffset Now => _time.GetUtcNow();

    public static TrustBundle TrustOf(params TestCa[] authorities) =>
        TrustBundle.TryCreate([.. authorities.Select(ca => ca.Root)], out _)!;

    public static WorkloadIdentity Id(string name) =>
        WorkloadIdentity.TryParse(name, out WorkloadIdentity? identity) ? identity : throw new ArgumentException(name);

    /// <summary>A credential with its intermediate, valid from a minute ago for a day.</summary>
    public Credential Issue(params string[] identities) => Issue(new TestLeaf(identities));

    public Credential Issue(TestLeaf leaf) =>
        Credential.TryCreate(IssueCertificate(leaf), leaf.NoIntermediate ? [] : [Intermediate], out string? problem)
        ?? throw new ArgumentException(problem);

    /// <summary>A certificate with its key.</summary>
    public X509Certificate2 IssueCertificate(TestLeaf leaf, ECDsa? key = null)
    {
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Sign(leaf, (key ?? own).ExportSubjectPublicKeyInfo());
        return certificate.CopyWithPrivateKey(key ?? own);
    }

    /// <summary>Signs somebody else's key.</summary>
    public X509Certificate2 Sign(TestLeaf leaf, byte[] subjectPublicKeyInfo)
    {
        var request = new CertificateRequest(
            new X500DistinguishedName(leaf.Subject),
            PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out _),
            HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string identity in leaf.Identities)
        {
            if (identity.Contains("://", StringComparison.Ordinal))
            {
                names.AddUri(new Uri(identity));
            }
            else
            {
                names.AddDnsName(identity);
            }
        }

        leaf.OtherNames?.Invoke(names);
        if (leaf.Identities.Length > 0 || leaf.OtherNames is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(leaf.IsAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        if (leaf.Usages.Length > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. leaf.Usages.Select(usage => new Oid(usage))], false));
        }

        X509Certificate2 issuer = leaf.NoIntermediate ? Root : Intermediate;
        using ECDsa issuerKey = issuer.GetECDsaPrivateKey()!;
        return request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), Now + leaf.From, Now + leaf.Until, Serial());
    }

    /// <summary>Leaf and intermediates as PEM, as <c>tls.crt</c> holds them.</summary>
    public static string ChainPem(Credential credential) =>
        string.Concat(credential.Intermediates.Prepend(credential.Leaf).Select(certificate => certificate.ExportCertificatePem() + "\n"));

    /// <summary>PKCS#8, as <c>tls.key</c> holds it.</summary>
    public static string KeyPem(Credential credential) => credential.Leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>PKCS#8, as a SPIFFE agent sends it.</summary>
    public static byte[] KeyDer(Credential credential) => credential.Leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKey();

    public static byte[] Serial() => [0x01, .. RandomNumberGenerator.GetBytes(8)];

    private static CertificateRequest Authority(string subject, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private X509Certificate2 NewIntermediate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Authority($"CN={name} intermediate", key);
        using X509Certificate2 certificate = request.Create(Root, Now.AddDays(-399), Now.AddDays(3999), Serial());
        return certificate.CopyWithPrivateKey(key);
    }
}
