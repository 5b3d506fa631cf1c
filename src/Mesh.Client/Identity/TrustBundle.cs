using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>
/// The anchors that are trusted, several at once, equal by value. They vouch for every name, or, where they come by trust domain,
/// each set for the names of its own domain only: a federated domain must not be able to name our workloads.
/// </summary>
internal sealed class TrustBundle : IEquatable<TrustBundle>
{
    private readonly X509Certificate2Collection _anchors;
    private readonly FrozenDictionary<string, X509Certificate2Collection>? _domains;
    private readonly FrozenSet<string> _thumbprints;
    private readonly string _fingerprint;

    private TrustBundle(X509Certificate2Collection anchors, FrozenDictionary<string, X509Certificate2Collection>? domains)
    {
        _anchors = anchors;
        _domains = domains;
        IEnumerable<KeyValuePair<string, X509Certificate2Collection>> sets =
            domains ?? (IEnumerable<KeyValuePair<string, X509Certificate2Collection>>)[];
        string[] lines =
            [.. sets.Append(new("", anchors)).SelectMany(set => set.Value.Select(c => $"{set.Key} {Thumbprint(c)}")).Distinct()];
        Array.Sort(lines, StringComparer.Ordinal);
        _thumbprints = lines.Select(line => line[(line.LastIndexOf(' ') + 1)..]).ToFrozenSet(StringComparer.Ordinal);
        _fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    /// <summary>How many different anchors there are.</summary>
    public int Count => _thumbprints.Count;

    /// <summary>All of them, whatever names they vouch for.</summary>
    public IEnumerable<X509Certificate2> Anchors =>
        (_domains?.Values ?? []).Append(_anchors).SelectMany(anchors => anchors).DistinctBy(Thumbprint);

    /// <summary>Anchors for every name.</summary>
    /// <param name="problem">Why this is no bundle, to be read after its place.</param>
    public static TrustBundle? TryCreate(X509Certificate2Collection anchors, out string? problem)
    {
        problem = Problem(anchors);
        return problem is null ? new TrustBundle(anchors, null) : null;
    }

    /// <summary>Anchors by trust domain.</summary>
    /// <param name="domains">The domain's name, as in <c>spiffe://name/…</c>, and its anchors.</param>
    /// <param name="home">The domain that also vouches for names that are in none, DNS names; null for no domain.</param>
    /// <param name="problem">Why this is no bundle, to be read after its place.</param>
    public static TrustBundle? TryCreate(IReadOnlyDictionary<string, X509Certificate2Collection> domains, string? home, out string? problem)
    {
        problem = domains.Count == 0 ? "there is no anchor" : null;
        foreach ((string domain, X509Certificate2Collection anchors) in domains)
        {
            problem ??= Problem(anchors) is { } reason ? $"{domain}: {reason}" : null;
        }

        return problem is null
            ? new TrustBundle(home is null ? [] : domains.GetValueOrDefault(home) ?? [], domains.ToFrozenDictionary(StringComparer.Ordinal))
            : null;
    }

    /// <summary>The anchors that may vouch for a name; empty where none may.</summary>
    public X509Certificate2Collection AnchorsFor(WorkloadIdentity? identity) =>
        _domains is not null && identity?.TrustDomain is { } domain ? _domains.GetValueOrDefault(domain) ?? [] : _anchors;

    /// <summary>Whether an anchor may vouch for a name.</summary>
    /// <param name="thumbprint"><see cref="Thumbprint"/> of the anchor.</param>
    public bool Vouches(string thumbprint, WorkloadIdentity identity) =>
        AnchorsFor(identity).Any(anchor => Thumbprint(anchor) == thumbprint);

    /// <summary>Whether an anchor is trusted still. Connections that it vouched for end when it is not.</summary>
    /// <param name="thumbprint"><see cref="Thumbprint"/> of the anchor.</param>
    public bool Contains(string thumbprint) => _thumbprints.Contains(thumbprint);

    /// <summary>SHA-256 of the certificate, lower-case hexadecimal.</summary>
    public static string Thumbprint(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));

    public bool Equals(TrustBundle? other) => other is not null && _fingerprint == other._fingerprint;

    public override bool Equals(object? obj) => Equals(obj as TrustBundle);

    public override int GetHashCode() => _fingerprint.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Count == 1 ? "1 anchor" : $"{Count} anchors";

    // X509Chain ends a chain at a self-issued certificate only; others in the bundle serve as intermediates.
    private static string? Problem(X509Certificate2Collection anchors) =>
        anchors.Count == 0 ? "there is no anchor"
        : !anchors.Any(anchor => anchor.SubjectName.RawData.AsSpan().SequenceEqual(anchor.IssuerName.RawData))
            ? "none of its certificates is a root (subject and issuer differ): nothing would chain to it"
        : null;
}
