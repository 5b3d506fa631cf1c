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

    /// <param name="now">It begins a little before.</param>
    /// <param name="lifetime">From now on.</param>
    /// <param name="kind">Stands in its name.</param>
    public static SigningKey Root(DateTimeOffset now, TimeSpan lifetime, string kind = "development root")
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Authority(kind, key, pathLength: 1);
        return new SigningKey(
            Sign(request, request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - Skew, now + lifetime), key);
    }

    /// <param name="root">Signs it.</param>
    /// <param name="now">It begins a little before.</param>
    /// <param name="lifetime">From now on, as far as the root lives.</param>
    /// <param name="kind">Stands in its name.</param>
    public static SigningKey Intermediate(
        SigningKey root, DateTimeOffset now, TimeSpan lifetime, string kind = "development intermediate")
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Authority(kind, key, pathLength: 0);
        request.CertificateExtensions.Add(KeyOf(root.Certificate));
        return new SigningKey(
            Sign(request, root.Certificate.SubjectName, root.Generator, now - Skew, Earliest(now + lifetime, root.NotAfter)), key);
    }

    /// <param name="issuer">Signs it.</param>
    /// <param name="identity">Its only name.</param>
    /// <param name="subject">The workload's key; nothing else of its request is taken over.</param>
    /// <param name="now">It begins a little before.</param>
    /// <param name="lifetime">From now on, as far as the issuer lives.</param>
    public static X509Certificate2 Leaf(
        Issuer issuer, WorkloadIdentity identity, PublicKey subject, DateTimeOffset now, TimeSpan lifetime)
    {
        // No common name: it ends at 64 characters, and nobody reads it. The SAN is then the subject, and critical (RFC 5280 §4.2.1.6).
        var request = new CertificateRequest(new X500DistinguishedName(""), subject, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuth, ClientAuth], critical: false));
        request.CertificateExtensions.Add(new X509Extension(SubjectNames.Extension, Names(identity), critical: true));
        request.CertificateExtensions.Add(KeyOf(issuer.Signer.Certificate));
        return Sign(
            request,
            issuer.Signer.Certificate.SubjectName,
            issuer.Signer.Generator,
            now - Skew,
            Earliest(now + lifetime + Skew, issuer.NotAfter));
    }

    // Each has a name of its own: a bundle may hold the roots of several authorities.
    private static CertificateRequest Authority(string kind, ECDsa key, int pathLength)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var request = new CertificateRequest($"CN=Mesh.Client {kind} {id}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    // Not every authority names its key.
    private static X509AuthorityKeyIdentifierExtension KeyOf(X509Certificate2 issuer)
    {
        bool isNamed = issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any();
        return X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            issuer, includeKeyIdentifier: isNamed, includeIssuerAndSerial: !isNamed);
    }

    private static X509Certificate2 Sign(
        CertificateRequest request,
        X500DistinguishedName issuer,
        X509SignatureGenerator signer,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter)
    {
        // Positive and not zero.
        byte[] serial = [0x01, .. RandomNumberGenerator.GetBytes(15)];
        return request.Create(issuer, signer, notBefore, notAfter, serial);
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
