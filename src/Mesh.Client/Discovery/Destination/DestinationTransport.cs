using System.Net;
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
        bool header = inboundPort > 0;
        bool isReachable = IsPort(inboundPort, index, report);
        bool isGateway = TryReadAuthority(wire.AuthorityOverride, index, report, out string? authority);
        var transport = new EndpointTransport(named switch
        {
            // A label cannot take back an identity.
            null or Framing.Plaintext => header ? Framing.TransportHeader : Framing.MeshTls,
            { } given => given,
        })
        {
            // A gateway that cannot be told where to go on to is of no use.
            Peer = !isReachable || (isGateway && authority is null) ? null : ReadPeer(identity, isOurs: named is not null, index, report),
            Opaque = wire.ProtocolHint?.ProtocolCase is ProtocolHint.ProtocolOneofCase.Opaque,
            UpgradesHttp1 = wire.ProtocolHint?.ProtocolCase is ProtocolHint.ProtocolOneofCase.H2,
            AuthorityOverride = authority,
            Http2 = DestinationHttp2.Read(wire.Http2),
        };
        return header && isReachable ? transport with { InboundPort = (int)inboundPort } : transport;
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

        if (transport.AuthorityOverride is { } authority)
        {
            wire.AuthorityOverride = new() { AuthorityOverride_ = authority };
        }

        wire.ProtocolHint = WriteHint(transport);
        wire.Http2 = DestinationHttp2.Write(transport.Http2);

        // An identity that could not be read must not look like one that never was. And no other mesh's endpoint has a URI without a name
        // to ask for.
        if (transport.Framing is Framing.Https
            || transport is { IsSecured: true, Peer: null or { Identity.IsUri: true, ServerName: null } })
        {
            wire.MetricLabels[DestinationLabels.Framing] = transport.Framing.ToString();
        }
    }

    private static ProtocolHint? WriteHint(EndpointTransport transport)
    {
        if (transport is { Framing: not Framing.TransportHeader, Opaque: false, UpgradesHttp1: false })
        {
            return null;
        }

        var hint = new ProtocolHint();
        if (transport.Opaque)
        {
            hint.Opaque = new();
        }
        else if (transport.UpgradesHttp1)
        {
            hint.H2 = new();
        }

        if (transport.Framing is Framing.TransportHeader)
        {
            hint.OpaqueTransport = new() { InboundPort = (uint)transport.InboundPort };
        }

        return hint;
    }

    private static bool IsPort(uint inboundPort, int index, Action<BadInput> report)
    {
        if (inboundPort <= IPEndPoint.MaxPort)
        {
            return true;
        }

        report(new(
            "add.addrs[].protocol_hint.opaque_transport.inbound_port",
            $"add.addrs[{index}].protocol_hint.opaque_transport.inbound_port: {inboundPort} is no port; the endpoint is not called"));
        return false;
    }

    // True where there is one, be it one that cannot be read.
    private static bool TryReadAuthority(AuthorityOverride? wire, int index, Action<BadInput> report, out string? authority)
    {
        authority = null;
        if (wire?.AuthorityOverride_ is not { Length: > 0 } text)
        {
            return false;
        }

        if (GatewayAuthority.TryParse(text, out _))
        {
            authority = text;
            return true;
        }

        report(new(
            "add.addrs[].authority_override",
            $"add.addrs[{index}].authority_override: '{RpcReason.Clean(text)}' is no host:port; the endpoint is not called"));
        return true;
    }

    private static PeerIdentity? ReadPeer(TlsIdentity wire, bool isOurs, int index, Action<BadInput> report)
    {
        WorkloadIdentity? identity = wire.StrategyCase switch
        {
            TlsIdentity.StrategyOneofCase.DnsLikeIdentity => WorkloadIdentity.ParseDns(wire.DnsLikeIdentity.Name),
            TlsIdentity.StrategyOneofCase.UriLikeIdentity => WorkloadIdentity.ParseUri(wire.UriLikeIdentity.Uri),
            _ => null,
        };
        string? serverName = wire.ServerName?.Name is { Length: > 0 } name ? name : null;

        // Linkerd's proxies know by the server name whether a connection is for them. Our own servers, whose framing is told, need none.
        bool isNameless = identity is { IsUri: true } && serverName is null && !isOurs;
        if (identity is not null && !isNameless && (serverName is null || WorkloadIdentity.ParseDns(serverName) is not null))
        {
            return PeerIdentity.Of(identity, serverName);
        }

        string what = identity is null ? "it is no DNS name and no URI"
            : isNameless ? "it is a URI, without a server_name to ask for"
            : $"server_name '{RpcReason.Clean(serverName!)}' is no DNS name";
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
