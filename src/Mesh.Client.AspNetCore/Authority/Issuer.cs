using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>Who signs the workloads' certificates: a certificate with its key, and the way up to the anchors. Immutable.</summary>
internal sealed class Issuer
{
    private Issuer(SigningKey signer, ImmutableArray<X509Certificate2> path, TrustBundle anchors)
    {
        (Signer, Chain, Anchors) = (signer, path[..^1], anchors);
        Root = path[^1];
        NotAfter = path.Min(certificate => new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
    }

    public SigningKey Signer { get; }

    /// <summary>The signer's certificate and those above it, without the anchor; empty where the anchor itself signs.</summary>
    public ImmutableArray<X509Certificate2> Chain { get; }

    /// <summary>The anchor that the chain ends at.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>What comes with the issuer: at least its own anchor.</summary>
    public TrustBundle Anchors { get; }

    /// <summary>The end of the certificate that ends first, anchor included.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Checks all that a workload would find wrong with what it signs.</summary>
    /// <param name="signer">Certificate and key, which belong together.</param>
    /// <param name="above">What lies between the signer and the anchors, in any order; more does no harm.</param>
    /// <param name="anchors">What workloads trust.</param>
    /// <param name="now">When it is to sign.</param>
    /// <param name="problem">Why it is of no use, to be read after its place.</param>
    public static Issuer? TryCreate(
        SigningKey signer, X509Certificate2Collection above, TrustBundle anchors, DateTimeOffset now, out string? problem)
    {
        X509Certificate2 certificate = signer.Certificate;
        problem = !SigningKey.IsAuthority(certificate) ? "it is no authority's certificate: its basic constraints do not say CA"
            : !SigningKey.MaySign(certificate) ? "its key usage does not allow to sign certificates"
            : now >= signer.NotAfter ? $"it has expired at {signer.NotAfter:u}"
            : now < signer.NotBefore - CertificateFactory.Skew ? $"it is not valid before {signer.NotBefore:u}"
            : null;
        if (problem is not null)
        {
            return null;
        }

        // Clocks differ: one that has been made on another machine just now holds.
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = (now < signer.NotBefore ? signer.NotBefore : now).UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(anchors.AnchorsFor(identity: null));
        policy.ExtraStore.AddRange(above);
        using var chain = new X509Chain { ChainPolicy = policy };
        if (!chain.Build(certificate))
        {
            string reason = string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct());
            problem = $"its chain does not hold up to the anchors ({reason})";
            return null;
        }

        return new Issuer(
            signer,
            [.. chain.ChainElements.Select(element => X509CertificateLoader.LoadCertificate(element.Certificate.RawData))],
            anchors);
    }

    /// <summary>Whether the other signs with the same certificate, below the same anchors.</summary>
    public bool IsSame(Issuer other) => Signer.Certificate.HasSameContent(other.Signer.Certificate) && Anchors.Equals(other.Anchors);
}
