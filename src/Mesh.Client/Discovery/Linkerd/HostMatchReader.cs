using System.Collections.Immutable;
using Mesh.Client.Model.Routes;
using WireHost = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes.HostMatch;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>The hosts that a route is for.</summary>
internal static class HostMatchReader
{
    /// <exception cref="UnreadablePartException">One names no host.</exception>
    public static ImmutableArray<HostMatch> Read(IReadOnlyList<WireHost> hosts, string place) =>
        [.. hosts.Select((host, i) => Read(host, $"{place}.hosts[{i}]"))];

    private static HostMatch Read(WireHost wire, string place)
    {
        switch (wire.MatchCase)
        {
            case WireHost.MatchOneofCase.Exact when wire.Exact.Length > 0:
                return new HostMatch(wire.Exact);
            case WireHost.MatchOneofCase.Exact:
                throw new UnreadablePartException($"{place}.exact", "it is empty");
            case WireHost.MatchOneofCase.Suffix:
                Google.Protobuf.Collections.RepeatedField<string> labels = wire.Suffix.ReverseLabels;
                return labels.Count > 0 && labels.All(label => label.Length > 0)
                    ? new HostMatch(string.Join('.', labels.Reverse()), IsSuffix: true)
                    : throw new UnreadablePartException($"{place}.suffix.reverse_labels", "there are none, or one is empty");
            default:
                throw new UnreadablePartException(place, "it is of a kind that is not known");
        }
    }
}
