using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>Makes the certificates of the three kinds. P-256, ECDSA with SHA-256; what is signed never outlives who signs.</summary>
internal static class CertificateFactory
{
    /// <summary>Clocks may differ by so much; Linkerd's.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(20);

    private static readonly Oid ServerAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuth = new("1.3.6.1.5.5.7.3.2");

    public static SigningKey Root(DateTimeOffset now, TimeSpan lifetime)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Authority("root", key, pathLength: 1);
        return new SigningKey(
            Sign(request, request.SubjectName, key, now - Skew, now + lifetime), key);
    }

    public static SigningKey Intermediate(SigningKey root, DateTimeOffset now, TimeSpan lifetime)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Authority("intermediate", key, pathLength: 0);
        request.CertificateExtensions.Add(Issuer(root));
        return new SigningKey(
            Sign(request, root.Certificate.SubjectName, root.Key, now - Skew, Earliest(now + lifetime, root.NotAfter)), key);
    }

    /// <param name="subject">The workload's key; nothing else of its request is taken over.</param>
    public static X509Certificate2 Leaf(
        SigningKey root, SigningKey intermediate, WorkloadIdentity identity, PublicKey subject, DateTimeOffset now, TimeSpan lifetime)
    {
        // No common name: it ends at 64 characters, and nobody reads it. The SAN is then the subject, and critical (RFC 5280 §4.2.1.6).
        var request = new CertificateRequest(new X500DistinguishedName(""), subject, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuth, ClientAuth], critical: false));
        request.CertificateExtensions.Add(new X509Extension(SubjectNames.Extension, Names(identity), critical: true));
        request.CertificateExtensions.Add(Issuer(intermediate));
        return Sign(
            request,
            intermediate.Certificate.SubjectName,
            intermediate.Key,
            now - Skew,
            Earliest(Earliest(now + lifetime + Skew, intermediate.NotAfter), root.NotAfter));
    }

    // Each has a name of its own: a bundle may hold the roots of several authorities.
    private static CertificateRequest Authority(string kind, ECDsa key, int pathLength)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var request = new CertificateRequest($"CN=Mesh.Client development {kind} {id}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static X509AuthorityKeyIdentifierExtension Issuer(SigningKey issuer) =>
        X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            issuer.Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false);

    private static X509Certificate2 Sign(
        CertificateRequest request, X500DistinguishedName issuer, ECDsa key, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        // Positive and not zero.
        byte[] serial = [0x01, .. RandomNumberGenerator.GetBytes(15)];
        return request.Create(issuer, X509SignatureGenerator.CreateForECDsa(key), notBefore, notAfter, serial);
    }

    private static byte[] Names(WorkloadIdentity identity)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            names.WriteCharacterString(UniversalTagNumber.IA5String, identity.Name, SubjectNames.DnsName);
        }

        return names.Encode();
    }

    private static DateTimeOffset Earliest(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
