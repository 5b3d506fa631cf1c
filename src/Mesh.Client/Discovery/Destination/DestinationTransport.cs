using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>The part of a Destination address that says how to speak to it: identity, transport header, framing label.</summary>
internal static class DestinationTransport
{
    /// <summary>Reads it. An identity that cannot be read is reported, and stays a demand for TLS that nothing fulfils.</summary>
    /// <param name="framing">The label <see cref="DestinationLabels.Framing"/>.</param>
    public static EndpointTransport Read(WeightedAddr wire, string? framing, int index, Action<BadInput> report)
    {
        Framing? named = ReadFraming(framing, index, report);
        if (wire.TlsIdentity is not { } identity)
        {
            if (named is not (null or Framing.Plaintext))
            {
                report(new(
                    "add.addrs[].metric_labels.mesh_framing",
                    $"add.addrs[{index}].metric_labels.mesh_framing: '{framing}' without an identity; the endpoint is not called"));
                return new EndpointTransport(named.Value);
            }

            return EndpointTransport.Plaintext;
        }

        uint inboundPort = wire.ProtocolHint?.OpaqueTransport?.InboundPort ?? 0;
        bool header = inboundPort is > 0 and <= 65535;
        var transport = new EndpointTransport(named switch
        {
            // A label cannot take back an identity.
            null or Framing.Plaintext => header ? Framing.TransportHeader : Framing.MeshTls,
            { } given => given,
        })
        {
            Peer = ReadPeer(identity, index, report),
        };
        return header ? transport with { InboundPort = (int)inboundPort } : transport;
    }

    /// <summary>Writes what <see cref="Read"/> understands.</summary>
    public static void Write(EndpointTransport transport, WeightedAddr wire)
    {
        if (transport.Peer is { Identity: { } identity } peer)
        {
            wire.TlsIdentity = identity.IsUri
                ? new TlsIdentity { UriLikeIdentity = new() { Uri = identity.Name } }
                : new TlsIdentity { DnsLikeIdentity = new() { Name = identity.Name } };
            if (peer.ServerName is { } serverName)
            {
                wire.TlsIdentity.ServerName = new() { Name = serverName };
            }
        }

        if (transport.Framing is Framing.TransportHeader)
        {
            wire.ProtocolHint = new() { OpaqueTransport = new() { InboundPort = (uint)transport.InboundPort } };
        }
        else if (transport.Framing is Framing.Https)
        {
            wire.MetricLabels[DestinationLabels.Framing] = nameof(Framing.Https);
        }

        if (transport is { IsSecured: true, Peer: null })
        {
            // Its identity could not be read: it must not look like one that never had any.
            wire.MetricLabels[DestinationLabels.Framing] = transport.Framing.ToString();
        }
    }

    private static PeerIdentity? ReadPeer(TlsIdentity wire, int index, Action<BadInput> report)
    {
        WorkloadIdentity? identity = wire.StrategyCase switch
        {
            TlsIdentity.StrategyOneofCase.DnsLikeIdentity => WorkloadIdentity.ParseDns(wire.DnsLikeIdentity.Name),
            TlsIdentity.StrategyOneofCase.UriLikeIdentity => WorkloadIdentity.ParseUri(wire.UriLikeIdentity.Uri),
            _ => null,
        };
        string? serverName = wire.ServerName?.Name is { Length: > 0 } name ? name : null;
        if (identity is not null && (serverName is null || WorkloadIdentity.ParseDns(serverName) is not null))
        {
            return PeerIdentity.Of(identity, serverName);
        }

        string what = identity is null ? "it is no DNS name and no URI" : $"server_name '{RpcReason.Clean(serverName!)}' is no DNS name";
        report(new("add.addrs[].tls_identity", $"add.addrs[{index}].tls_identity: {what}; the endpoint is not called"));
        return null;
    }

    private static Framing? ReadFraming(string? text, int index, Action<BadInput> report)
    {
        if (text is null)
        {
            return null;
        }

        if (Enum.TryParse(text, ignoreCase: true, out Framing framing) && Enum.IsDefined(framing) && !char.IsAsciiDigit(text[0]))
        {
            return framing;
        }

        report(new(
            "add.addrs[].metric_labels.mesh_framing",
            $"add.addrs[{index}].metric_labels.mesh_framing: '{RpcReason.Clean(text)}' is none of "
                + string.Join(", ", Enum.GetNames<Framing>())));
        return null;
    }
}
