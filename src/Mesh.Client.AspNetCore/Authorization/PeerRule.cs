using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>What an endpoint says of its peers, in its metadata. It replaces the default policy.</summary>
internal sealed class PeerRule
{
    /// <summary>Everybody, and what was required before it no longer is.</summary>
    public static readonly PeerRule Everybody = new(null);

    private readonly PeerNames? _names;

    private PeerRule(PeerNames? names) => _names = names;

    public static PeerRule Require(PeerNames names) => new(names);

    /// <summary>What the endpoint's rules say together; null when it has none.</summary>
    public static bool? Decide(Endpoint? endpoint, IMeshPeerFeature? peer)
    {
        // The metadata keep this list; asking again costs nothing.
        IReadOnlyList<PeerRule>? rules = endpoint?.Metadata.GetOrderedMetadata<PeerRule>();
        if (rules is null or { Count: 0 })
        {
            return null;
        }

        bool allowed = true;
        for (int i = 0; i < rules.Count; i++)
        {
            allowed = rules[i]._names is not { } names || (allowed && names.Match(peer));
        }

        return allowed;
    }

    public bool Allows(IMeshPeerFeature? peer) => _names is null || _names.Match(peer);
}
