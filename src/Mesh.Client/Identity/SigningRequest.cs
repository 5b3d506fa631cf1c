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
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSigningRequest();
    }
}
