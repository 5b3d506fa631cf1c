using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// Reads PKCS#10 requests and finds what Linkerd's identity service would find wrong with them. Only the key is taken from a request.
/// </summary>
internal static class SigningRequestReader
{
    private const string P256 = "1.2.840.10045.3.1.7";
    private const string CommonName = "2.5.4.3";

    /// <summary>Null for what is no request at all.</summary>
    /// <param name="der">With nothing behind it.</param>
    public static CertificateRequest? TryRead(byte[] der)
    {
        try
        {
            return CertificateRequest.LoadSigningRequest(
                der,
                HashAlgorithmName.SHA256,
                CertificateRequestLoadOptions.SkipSignatureValidation | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        }
        catch (Exception exception) when (IsContent(exception))
        {
            return null;
        }
    }

    /// <summary>Why the request is not signed; null for a good one.</summary>
    /// <param name="der">What <paramref name="request"/> was read from.</param>
    public static string? Problem(CertificateRequest request, byte[] der, WorkloadIdentity identity)
    {
        try
        {
            return !IsP256(request.PublicKey) ? "the key is not an ECDSA key on P-256"
                : !IsSigned(der) ? "the signature of the request is not that of its key"
                : !IsSubject(request.SubjectName, identity) ? "the common name is neither empty nor the identity"
                : NamesProblem(request.CertificateExtensions, identity);
        }
        catch (Exception exception) when (IsContent(exception))
        {
            return "the content of the request cannot be read";
        }
    }

    // Named curves only: nothing is computed on parameters of the caller's making.
    private static bool IsP256(PublicKey key)
    {
        if (key.Oid.Value != "1.2.840.10045.2.1" || key.EncodedParameters is not { } parameters
            || AsnDecoder.ReadObjectIdentifier(parameters.RawData, AsnEncodingRules.DER, out _) != P256)
        {
            return false;
        }

        // A point that is not on the curve is found here.
        using ECDsa? imported = key.GetECDsaPublicKey();
        return imported is { KeySize: 256 };
    }

    private static bool IsSigned(byte[] der)
    {
        try
        {
            CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool IsSubject(X500DistinguishedName subject, WorkloadIdentity identity)
    {
        X500RelativeDistinguishedName[] names = [.. subject.EnumerateRelativeDistinguishedNames()];
        return names is []
            || (names is [{ HasMultipleElements: false } only] && only.GetSingleElementType().Value == CommonName
                && only.GetSingleElementValue() is { } value && (value.Length == 0 || WorkloadIdentity.ParseDns(value) == identity));
    }

    private static string? NamesProblem(IEnumerable<X509Extension> extensions, WorkloadIdentity identity)
    {
        X509Extension[] found = [.. extensions.Where(extension => extension.Oid?.Value == SubjectNames.Extension)];
        if (found is not [var extension])
        {
            return "there is not one subject alternative name";
        }

        var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER);
        AsnReader names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        if (!names.HasData || !names.PeekTag().HasSameClassAndValue(SubjectNames.DnsName))
        {
            return "the subject alternative name is not a DNS name";
        }

        string name = names.ReadCharacterString(UniversalTagNumber.IA5String, SubjectNames.DnsName);
        return names.HasData ? "there is more than one subject alternative name"
            : WorkloadIdentity.ParseDns(name) != identity ? "the subject alternative name is not the identity"
            : null;
    }

    private static bool IsContent(Exception exception) =>
        exception is CryptographicException or AsnContentException or ArgumentException or DecoderFallbackException
            or InvalidOperationException or NotSupportedException;
}
