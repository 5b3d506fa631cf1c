using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>
/// Decides whether a peer is who it should be: a chain to our anchors and no others, valid now, made for the peer's role, and the
/// expected identity among its DNS and URI SANs. No common name, no host name, no revocation, no downloads.
/// </summary>
internal sealed class PeerVerifier(TimeProvider time, PeerRole role)
{
    private readonly string _usage = role is PeerRole.Server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2";

    /// <summary>How chains are built. A new one for each chain: a policy collects the certificates of its handshake.</summary>
    /// <param name="anchors">The only certificates that a chain may end at.</param>
    public X509ChainPolicy CreatePolicy(X509Certificate2Collection anchors)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = time.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(anchors);
        policy.ApplicationPolicy.Add(new Oid(_usage));
        return policy;
    }

    /// <summary>Never throws for what a peer presents.</summary>
    /// <param name="certificate">The peer's own; null where it presented none.</param>
    /// <param name="presented">What else came with the handshake, in any order.</param>
    /// <param name="expected">Who it should be; null takes anybody that our anchors vouch for.</param>
    public PeerVerification Verify(
        X509Certificate2? certificate, X509Certificate2Collection presented, TrustBundle trust, WorkloadIdentity? expected)
    {
        if (certificate is null)
        {
            return new PeerVerification
            {
                Problem = $"the peer presented no certificate{(expected is null ? "" : $": expected {expected}")}",
            };
        }

        ImmutableArray<WorkloadIdentity> identities = SubjectNames.Read(certificate);
        var chain = PeerChain.Build(certificate, presented, CreatePolicy(trust.AnchorsFor(expected ?? identities.FirstOrDefault())));
        string? reason = (chain.Problem is PeerChain.WrongUsage ? Usage(certificate) : null)
            ?? chain.Problem
            ?? Usage(certificate)
            ?? (identities.IsEmpty ? "the certificate has no DNS or URI SAN"
                : expected is not null && !identities.Contains(expected) ? "the certificate is somebody else's"
                : null);
        return new PeerVerification
        {
            // A foreign domain's certificate may carry a name of ours beside its own.
            Identities = chain.Anchor is { } anchor ? [.. identities.Where(identity => trust.Vouches(anchor, identity))] : [],
            Anchor = reason is null ? chain.Anchor : null,
            NotAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime()),
            Problem = reason is null ? null : Words(reason, identities, chain.Text, expected),
        };
    }

    private string? Usage(X509Certificate2 certificate)
    {
        // No such extension would mean "good for everything" to X509Chain.
        bool usable = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .Any(usages => usages.EnhancedKeyUsages.Cast<Oid>().Any(usage => usage.Value == _usage));
        return !usable ? $"the certificate lacks the extended key usage {(role is PeerRole.Server ? "serverAuth" : "clientAuth")}"
            : certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
                ? "the certificate is an authority's own"
            : null;
    }

    private static string Words(string reason, ImmutableArray<WorkloadIdentity> identities, string chain, WorkloadIdentity? expected)
    {
        string presented = identities.IsEmpty ? "no DNS or URI SAN" : string.Join(", ", identities);
        return $"{reason}: {(expected is null ? "" : $"expected {expected}, ")}presented {presented}, chain: {chain}";
    }
}
