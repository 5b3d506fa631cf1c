using System.Collections.Frozen;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// Names of peers that may call. DNS names are compared without regard to case, URIs byte by byte. <c>*.suffix</c> stands for one or
/// more labels before the suffix, as Linkerd reads it, and never for a URI; <c>*</c>, or no name at all, for every verified identity.
/// </summary>
internal sealed class PeerNames
{
    private readonly FrozenSet<string> _dns;
    private readonly FrozenSet<string> _uris;
    private readonly string[] _suffixes;
    private readonly bool _any;

    private PeerNames(HashSet<string> dns, HashSet<string> uris, HashSet<string> suffixes, bool any)
    {
        _dns = dns.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _uris = uris.ToFrozenSet(StringComparer.Ordinal);
        _suffixes = [.. suffixes];
        _any = any;
    }

    /// <exception cref="ArgumentException">A name is neither identity nor wildcard.</exception>
    public static PeerNames Parse(ReadOnlySpan<string> names)
    {
        HashSet<string> dns = [];
        HashSet<string> uris = [];
        HashSet<string> suffixes = [];
        bool any = names.IsEmpty;
        foreach (string? name in names)
        {
            if (name == "*")
            {
                any = true;
            }
            else if (name?.StartsWith("*.", StringComparison.Ordinal) == true && WorkloadIdentity.ParseDns(name[2..]) is { } suffix)
            {
                suffixes.Add("." + suffix.Name);
            }
            else if (WorkloadIdentity.TryParse(name, out WorkloadIdentity? identity))
            {
                (identity.IsUri ? uris : dns).Add(identity.Name);
            }
            else
            {
                throw new ArgumentException(
                    $"'{name}' is no identity of a peer. Write a DNS name, a URI such as spiffe://example.org/web, *.suffix or *.",
                    nameof(names));
            }
        }

        return new PeerNames(dns, uris, suffixes, any);
    }

    /// <summary>One of the peer's verified names is among these; false for a peer without any.</summary>
    public bool Match(IMeshPeerFeature? peer)
    {
        if (peer?.Identity is not { } identity)
        {
            return false;
        }

        if (_any || Match(identity))
        {
            return true;
        }

        IReadOnlyList<string> names = peer.Identities;
        for (int i = 0; i < names.Count; i++)
        {
            if (Match(names[i]))
            {
                return true;
            }
        }

        return false;
    }

    private bool Match(string name)
    {
        if (_dns.Contains(name) || _uris.Contains(name))
        {
            return true;
        }

        foreach (string suffix in _suffixes)
        {
            if (name.Length > suffix.Length
                && name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && !name.Contains("://", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
