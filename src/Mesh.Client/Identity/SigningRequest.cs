using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Identity;

/// <summary>Certificate signing requests as Linkerd's identity service takes them.</summary>
internal static class SigningRequest
{
    /// <summary>PKCS#10 in DER: no subject, one DNS SAN, ECDSA with SHA-256.</summary>
    public static byte[] Create(string dnsName, ECDsa key)
    {
        // A common name ends at 64 characters; identities do not.
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(SubjectNames.Extension, Names(dnsName), critical: false));
        return request.CreateSigningRequest();
    }

    // SubjectAlternativeNameBuilder would treat the name as an international one, and could change or refuse it.
    private static byte[] Names(string dnsName)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            names.WriteCharacterString(UniversalTagNumber.IA5String, dnsName, SubjectNames.DnsName);
        }

        return names.Encode();
    }
}
