using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.AspNetCore.Authority;

internal static class CertificateContent
{
    /// <summary>Whether it is the same to the last byte. <c>Equals</c> looks at issuer and serial number only.</summary>
    public static bool HasSameContent(this X509Certificate2 certificate, X509Certificate2 other) =>
        certificate.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);
}
