using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.Identity;

/// <summary>Reads lists of certificates. Whatever is not wholly readable is refused wholly: it may be half written.</summary>
internal static class CertificateEncoding
{
    private const string Begin = "-----BEGIN CERTIFICATE-----";

    /// <summary>Reads PEM; text and blocks of other kinds between the certificates are skipped.</summary>
    /// <param name="problem">Why there is no list, to be read after its place.</param>
    public static X509Certificate2Collection? TryReadPem(ReadOnlySpan<char> text, out string? problem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException exception)
        {
            problem = $"a certificate in it cannot be read ({exception.Message})";
            return null;
        }

        // A block without its end is skipped in silence by the reader.
        problem = certificates.Count == 0 ? "it holds no PEM certificate"
            : certificates.Count != text.Count(Begin) ? "a certificate in it is cut off"
            : null;
        return problem is null ? certificates : null;
    }

    /// <summary>
    /// Reads either: Linkerd's protocol speaks of PEM, its implementations send DER.
    /// </summary>
    /// <param name="problem">Why there is no list, to be read after its place.</param>
    public static X509Certificate2Collection? TryRead(ReadOnlySpan<byte> bytes, out string? problem) =>
        bytes.TrimStart(" \t\r\n"u8).StartsWith("-----"u8)
            ? TryReadPem(Encoding.UTF8.GetString(bytes), out problem)
            : TryReadDer(bytes, out problem);

    /// <summary>Reads DER certificates that stand one after the other.</summary>
    /// <param name="problem">Why there is no list, to be read after its place.</param>
    public static X509Certificate2Collection? TryReadDer(ReadOnlySpan<byte> bytes, out string? problem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            while (!bytes.IsEmpty)
            {
                AsnDecoder.ReadEncodedValue(bytes, AsnEncodingRules.DER, out _, out _, out int length);
                certificates.Add(X509CertificateLoader.LoadCertificate(bytes[..length]));
                bytes = bytes[length..];
            }
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            problem = $"a certificate in it cannot be read ({exception.Message})";
            return null;
        }

        problem = certificates.Count == 0 ? "it holds no certificate" : null;
        return problem is null ? certificates : null;
    }
}
