using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>An authority's certificate and the key that signs for it. Says nothing of the key in any text.</summary>
internal sealed class SigningKey(X509Certificate2 certificate, ECDsa key)
{
    /// <summary>Without its key.</summary>
    public X509Certificate2 Certificate { get; } = certificate;

    public ECDsa Key { get; } = key;

    public DateTimeOffset NotBefore { get; } = new(certificate.NotBefore.ToUniversalTime());

    public DateTimeOffset NotAfter { get; } = new(certificate.NotAfter.ToUniversalTime());

    /// <summary>The certificate is the key's own.</summary>
    public static bool Belong(X509Certificate2 certificate, ECDsa key)
    {
        using ECDsa? named = certificate.GetECDsaPublicKey();
        return named is not null && named.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
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
}
