using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>The labels of endpoints, a bounded number of them. What names one endpoint alone is none: there is no end of those.</summary>
/// <param name="hasTls">Whether the mesh has an identity.</param>
internal sealed class LinkerdPeers(bool hasTls, int most = AttributeCap.Default)
{
    private const string Zone = "zone_locality";

    private readonly ConditionalWeakTable<IObservedEndpoint, LinkerdPeer> _byEndpoint = [];
    private readonly Dictionary<string, LinkerdPeer> _known = [];

    /// <summary>That of all endpoints beyond the cap.</summary>
    public static LinkerdPeer Beyond { get; } = new([], ZoneLocality.Unknown);

    public LinkerdPeer Of(IObservedEndpoint endpoint) =>
        _byEndpoint.TryGetValue(endpoint, out LinkerdPeer? peer) ? peer : Find(endpoint);

    /// <summary>Its source may say something else of it by now.</summary>
    public void Forget(IObservedEndpoint endpoint) => _byEndpoint.Remove(endpoint);

    private LinkerdPeer Find(IObservedEndpoint endpoint)
    {
        FrozenDictionary<string, string> labels = endpoint.FindLabels();
        KeyValuePair<string, object?>[] tags =
        [
            .. OfTls(endpoint.Identity),
            .. labels.Where(label => IsShared(label.Key)).OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => new KeyValuePair<string, object?>($"dst_{label.Key}", label.Value)),
        ];
        ZoneLocality zone = labels.GetValueOrDefault(Zone) switch
        {
            "local" => ZoneLocality.Local,
            "remote" => ZoneLocality.Remote,
            _ => ZoneLocality.Unknown,
        };
        string text = $"{zone} {string.Join('\n', tags)}";
        LinkerdPeer? peer;
        lock (_known)
        {
            if (!_known.TryGetValue(text, out peer))
            {
                peer = Beyond;
                if (_known.Count < most)
                {
                    _known[text] = peer = new LinkerdPeer(tags, zone);
                }
            }
        }

        _byEndpoint.AddOrUpdate(endpoint, peer);
        return peer;
    }

    private IEnumerable<KeyValuePair<string, object?>> OfTls(string? identity) =>
        identity is not null ? [new("tls", "true"), new("server_id", identity)]
        : hasTls ? [new("tls", "no_identity"), new("no_tls_reason", "not_provided_by_service_discovery")]
        : [new("tls", "disabled")];

    // Each pod has its own, and so it is with what is hashed by.
    private static bool IsShared(string label) =>
        label is not ("pod" or Zone) && !label.StartsWith("mesh_", StringComparison.Ordinal);
}
