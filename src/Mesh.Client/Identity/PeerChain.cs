using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.Identity;

/// <summary>A chain that was built over a peer's certificate.</summary>
/// <param name="Text">The subjects from the leaf upwards, safe to log.</param>
/// <param name="Anchor"><see cref="TrustBundle.Thumbprint"/> of the last certificate; null with a problem.</param>
/// <param name="Problem">Why the chain does not hold; null where it does.</param>
internal sealed record PeerChain(string Text, string? Anchor, string? Problem)
{
    /// <summary>The problem of a chain in which some certificate is not for the role asked for.</summary>
    public const string WrongUsage = "the certificate or an authority above it is not for this extended key usage";

    private const int MaxNameLength = 120;

    public static PeerChain Build(X509Certificate2 certificate, X509Certificate2Collection presented, X509ChainPolicy policy)
    {
        policy.ExtraStore.AddRange(presented);
        using var chain = new X509Chain { ChainPolicy = policy };
        try
        {
            bool holds = chain.Build(certificate);
            string text = string.Join(" < ", chain.ChainElements.Select(element => Name(element.Certificate)));
            return new PeerChain(
                text,
                holds ? TrustBundle.Thumbprint(chain.ChainElements[^1].Certificate) : null,
                holds ? null : Reason(chain, policy));
        }
        catch (CryptographicException exception)
        {
            return new PeerChain(Name(certificate), null, $"the chain cannot be built ({exception.Message})");
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static string Reason(X509Chain chain, X509ChainPolicy policy)
    {
        if (policy.CustomTrustStore.Count == 0)
        {
            return "there is no trust anchor for it";
        }

        X509ChainStatusFlags all = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        if (all.HasFlag(X509ChainStatusFlags.PartialChain) || all.HasFlag(X509ChainStatusFlags.UntrustedRoot))
        {
            return "the certificate does not chain to a trust anchor";
        }

        if (all.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            X509Certificate2 outside = chain.ChainElements
                .First(element => element.ChainElementStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)))
                .Certificate;
            DateTime start = outside.NotBefore.ToUniversalTime(), end = outside.NotAfter.ToUniversalTime(), now = policy.VerificationTime;
            return $"{Name(outside)} {(now < start ? $"is not valid before {start:u}" : $"has expired at {end:u}")}, now is {now:u}";
        }

        return all.HasFlag(X509ChainStatusFlags.NotValidForUsage)
            ? WrongUsage
            : $"the chain does not hold ({all})";
    }

    /// <summary>The subject; for a certificate without one the first SAN, else the serial number.</summary>
    private static string Name(X509Certificate2 certificate)
    {
        string subject = certificate.Subject;
        if (subject.Length == 0)
        {
            subject = SubjectNames.Read(certificate) is [var first, ..] ? first.Name : $"serial {certificate.SerialNumber}";
        }

        // A stranger wrote it.
        var text = new StringBuilder(Math.Min(subject.Length, MaxNameLength));
        foreach (char c in subject.AsSpan(0, Math.Min(subject.Length, MaxNameLength)))
        {
            text.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return text.ToString();
    }
}
