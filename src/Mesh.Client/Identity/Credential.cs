using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>
/// What this process shows of itself: a certificate with its key, and the intermediates below the anchor. Equal when all
/// certificates are. Nothing of it is disposed by hand: connections, and handshakes that have only begun, hold it unseen, and the
/// garbage collector alone knows the last of them.
/// </summary>
internal sealed class Credential : IEquatable<Credential>
{
    private Credential(X509Certificate2 leaf, X509Certificate2Collection intermediates, ImmutableArray<WorkloadIdentity> identities)
    {
        Leaf = leaf;
        Intermediates = [.. intermediates];
        Identities = identities;
        NotBefore = new DateTimeOffset(leaf.NotBefore.ToUniversalTime());
        NotAfter = new DateTimeOffset(leaf.NotAfter.ToUniversalTime());
        Context = SslStreamCertificateContext.Create(leaf, intermediates, offline: true);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData([.. leaf.RawData, .. intermediates.SelectMany(c => c.RawData)]));
    }

    /// <summary>The certificate with its private key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>From the leaf's issuer upwards.</summary>
    public ImmutableArray<X509Certificate2> Intermediates { get; }

    /// <summary>For every handshake: leaf, key and intermediates, made once because it costs as much as a tenth of a handshake.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The names that the certificate carries; at least one.</summary>
    public ImmutableArray<WorkloadIdentity> Identities { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    /// <summary>SHA-256 of the certificates: tells one credential from the next, says nothing of the key.</summary>
    public string Fingerprint { get; }

    /// <summary>The certificate may be shown at this time.</summary>
    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now <= NotAfter;

    /// <param name="leaf">With its private key. It belongs to the credential from here on.</param>
    /// <param name="intermediates">From the leaf's issuer upwards.</param>
    /// <param name="problem">Why this is no credential, to be read after its place.</param>
    public static Credential? TryCreate(X509Certificate2 leaf, X509Certificate2Collection intermediates, out string? problem)
    {
        ImmutableArray<WorkloadIdentity> identities = SubjectNames.Read(leaf);
        problem = !leaf.HasPrivateKey ? "the certificate has no private key"
            : identities.IsEmpty ? "the certificate names no workload: it has no DNS or URI SAN"
            : null;
        try
        {
            return problem is null ? new Credential(leaf, intermediates, identities) : null;
        }
        catch (CryptographicException exception)
        {
            problem = $"no TLS can be made with the certificate ({exception.Message})";
            return null;
        }
    }

    public bool Equals(Credential? other) => other is not null && Fingerprint == other.Fingerprint;

    public override bool Equals(object? obj) => Equals(obj as Credential);

    public override int GetHashCode() => Fingerprint.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"{string.Join(", ", Identities)} ({NotBefore:u} to {NotAfter:u})";
}
