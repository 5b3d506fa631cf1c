using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>An authority that somebody else made, by the platform's own means.</summary>
internal sealed record TestIssuer(X509Certificate2 Certificate, AsymmetricAlgorithm Key)
{
    public string Pem { get; } = Certificate.ExportCertificatePem() + "\n";

    public static TestIssuer Root(string name, byte[]? serial = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(name, key, isAuthority: true);
        return new TestIssuer(
            request.Create(
                request.SubjectName,
                X509SignatureGenerator.CreateForECDsa(key),
                Now.AddDays(-1),
                Now.AddDays(1000),
                serial ?? RandomNumberGenerator.GetBytes(8)),
            key);
    }

    public TestIssuer Issuer(string name, bool rsa = false, bool isAuthority = true, TimeSpan? until = null, byte[]? serial = null)
    {
        AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(name, key, isAuthority);
        return new TestIssuer(
            request.Create(
                Certificate.SubjectName,
                X509SignatureGenerator.CreateForECDsa((ECDsa)Key),
                Now.AddHours(-1),
                Now + (until ?? TimeSpan.FromDays(90)),
                serial ?? RandomNumberGenerator.GetBytes(8)),
            key);
    }

    /// <summary>As cert-manager writes it.</summary>
    public static V1Secret Secret(TestIssuer root, TestIssuer issuer) => new()
    {
        Metadata = new V1ObjectMeta { Name = AuthorityCluster.Secret, NamespaceProperty = "mesh" },
        Type = "kubernetes.io/tls",
        Data = new Dictionary<string, byte[]>
        {
            ["tls.crt"] = Encoding.ASCII.GetBytes(issuer.Pem),
            ["tls.key"] = Encoding.ASCII.GetBytes(
                issuer.Key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : issuer.Key.ExportPkcs8PrivateKeyPem()),
            ["ca.crt"] = Encoding.ASCII.GetBytes(root.Pem),
        },
    };

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static CertificateRequest Request(string name, AsymmetricAlgorithm key, bool isAuthority)
    {
        var subject = new X500DistinguishedName($"CN={name}");
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request;
    }
}
