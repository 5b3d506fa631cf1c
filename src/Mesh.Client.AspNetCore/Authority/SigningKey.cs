using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>An authority's certificate and the key that signs for it: elliptic curve or RSA. Says nothing of the key in any text.</summary>
internal sealed class SigningKey(X509Certificate2 certificate, AsymmetricAlgorithm key)
{
    private const string PrivateKeyLabel = "PRIVATE KEY";

    /// <summary>Without its key.</summary>
    public X509Certificate2 Certificate { get; } = certificate;

    public AsymmetricAlgorithm Key { get; } = key;

    public DateTimeOffset NotBefore { get; } = new(certificate.NotBefore.ToUniversalTime());

    public DateTimeOffset NotAfter { get; } = new(certificate.NotAfter.ToUniversalTime());

    public X509SignatureGenerator Generator => Key is RSA rsa
        ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : X509SignatureGenerator.CreateForECDsa((ECDsa)Key);

    /// <summary>The certificate is the key's own.</summary>
    public static bool Belong(X509Certificate2 certificate, AsymmetricAlgorithm key) =>
        certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());

    /// <summary>Joins a certificate with its key.</summary>
    /// <param name="certificate">Of the key.</param>
    /// <param name="pem">PKCS#8, EC or RSA, not encrypted. The caller wipes it.</param>
    /// <param name="problem">Why they are of no use, to be read after the key's place; nothing in it is the key's.</param>
    public static SigningKey? TryJoin(X509Certificate2 certificate, char[] pem, out string? problem)
    {
        AsymmetricAlgorithm? key = certificate.PublicKey.Oid.Value switch
        {
            "1.2.840.10045.2.1" => ECDsa.Create(),
            "1.2.840.113549.1.1.1" => RSA.Create(),
            _ => null,
        };
        problem = key is null ? "the certificate's key is neither elliptic curve nor RSA"
            : !pem.AsSpan().Contains(PrivateKeyLabel + "-----", StringComparison.Ordinal) ? "it holds no PEM private key"
            : null;
        try
        {
            if (problem is null)
            {
                key!.ImportFromPem(pem);
                problem = Belong(certificate, key) ? null : "the key does not belong to the certificate";
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            problem = $"it holds no {(key is RSA ? "RSA" : "elliptic curve")} private key that can be read, but the certificate needs one";
        }

        if (problem is null)
        {
            return new SigningKey(certificate, key!);
        }

        key?.Dispose();
        return null;
    }

    /// <summary>The key as PEM, which the caller wipes.</summary>
    public char[] WriteKey()
    {
        byte[] der = Key.ExportPkcs8PrivateKey();
        try
        {
            return PemEncoding.Write(PrivateKeyLabel, der);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Signed by this key, valid at this time, and an authority itself: what it signs verifies up to here.</summary>
    public bool Vouches(X509Certificate2 intermediate, DateTimeOffset now)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust } };
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        return IsAuthority(intermediate) && chain.Build(intermediate) && chain.ChainElements.Count == 2;
    }

    public static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority);

    /// <summary>Its key usage, where it has one, allows to sign certificates.</summary>
    public static bool MaySign(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign));
}
