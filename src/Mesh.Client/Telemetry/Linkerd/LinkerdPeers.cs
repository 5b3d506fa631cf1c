using System.Collections.Frozen;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>
/// The labels of endpoints, a bounded number of them. Only those that Linkerd's own controller gives are told: others may say anything, also
/// what nobody should read. What names one endpoint alone, or one rollout, is none either: there is no end of those.
/// </summary>
/// <param name="hasTls">Whether the mesh has an identity.</param>
internal sealed class LinkerdPeers(bool hasTls, int most = AttributeCap.Default)
{
    private const string Locality = "zone_locality";

    private static readonly string[] Told =
    [
        "control_plane_ns", "cronjob", "daemonset", "deployment", "job", "namespace", "replicationcontroller", "service", "serviceaccount",
        "statefulset", "zone",
    ];

    private readonly Dictionary<string, LinkerdPeer> _known = [];

    /// <summary>That of all endpoints beyond the cap.</summary>
    public static LinkerdPeer Beyond { get; } = new([], ZoneLocality.Unknown);

    /// <param name="identity">Who the endpoint must prove to be; null where it is spoken to in plaintext.</param>
    /// <param name="labels">What its source says of it.</param>
    public LinkerdPeer Of(string? identity, FrozenDictionary<string, string> labels)
    {
        List<KeyValuePair<string, object?>> tags = [.. OfTls(identity)];
        foreach (string label in Told)
        {
            if (labels.TryGetValue(label, out string? value))
            {
                tags.Add(new($"dst_{label}", value));
            }
        }

        ZoneLocality zone = labels.GetValueOrDefault(Locality) switch
        {
            "local" => ZoneLocality.Local,
            "remote" => ZoneLocality.Remote,
            _ => ZoneLocality.Unknown,
        };
        string text = $"{zone} {string.Join('\n', tags)}";
        lock (_known)
        {
            return _known.TryGetValue(text, out LinkerdPeer? peer) ? peer
                : _known.Count < most ? _known[text] = new LinkerdPeer([.. tags], zone)
                : Beyond;
        }
    }

    private IEnumerable<KeyValuePair<string, object?>> OfTls(string? identity) =>
        identity is not null ? [new("tls", "true"), new("server_id", identity)]
        : hasTls ? [new("tls", "no_identity"), new("no_tls_reason", "not_provided_by_service_discovery")]
        : [new("tls", "disabled")];
}
