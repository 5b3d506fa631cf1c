using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.Tests.Discovery.Destination;

/// <summary>What Linkerd says of an endpoint; vectors of reference/linkerd.md §6 (client conversions, destination translator).</summary>
public sealed class DestinationTransportTests
{
    private const string Dns = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Spiffe = "spiffe://some-domain/ew-1";

    private readonly List<BadInput> _bad = [];

    [Fact]
    public void Read_Unmeshed_IsPlaintextWithoutHints() =>
        Assert.Equal(EndpointTransport.Plaintext, Read(new WeightedAddr()));

    [Fact]
    public void Read_DnsWithoutServerName_AsksForTheIdentity() =>
        Assert.Equal(new PeerIdentity(TestCa.Id(Dns), Dns), Read(Meshed()).Peer);

    [Fact]
    public void Read_ServerNameApart_IsKeptApart()
    {
        WeightedAddr wire = Meshed();
        wire.TlsIdentity.ServerName = new() { Name = "server.local" };
        Assert.Equal(new PeerIdentity(TestCa.Id(Dns), "server.local"), Read(wire).Peer);
    }

    [Fact]
    public void Read_ExternalWorkload_IsAUriWithItsServerName()
    {
        var wire = new WeightedAddr
        {
            TlsIdentity = new() { UriLikeIdentity = new() { Uri = Spiffe }, ServerName = new() { Name = "server.local" } },
        };
        Assert.Equal(new PeerIdentity(TestCa.Id(Spiffe), "server.local"), Read(wire).Peer);
        Assert.Empty(_bad);
    }

    [Fact]
    public void Read_UriWithoutServerName_IsRefused()
    {
        EndpointTransport transport = Read(new WeightedAddr { TlsIdentity = new() { UriLikeIdentity = new() { Uri = Spiffe } } });

        Assert.True(transport is { IsSecured: true, Peer: null });
        Assert.Equal(
            "add.addrs[7].tls_identity: it is a URI, without a server_name to ask for; the endpoint is not called",
            Assert.Single(_bad).Text);
    }

    [Theory]
    [InlineData(65535u, true)]
    [InlineData(65536u, false)]
    [InlineData(uint.MaxValue, false)]
    public void Read_InboundPort_ThatIsNone_LeavesTheEndpointOut(uint inboundPort, bool called)
    {
        WeightedAddr wire = Meshed();
        wire.ProtocolHint = new() { OpaqueTransport = new() { InboundPort = inboundPort } };
        var bad = new List<BadInput>();

        EndpointTransport transport = DestinationTransport.Read(wire, null, 0, bad.Add);

        Assert.Equal((Framing.TransportHeader, called), (transport.Framing, transport.Peer is not null));
        const string Place = "add.addrs[0].protocol_hint.opaque_transport.inbound_port";
        Assert.Equal(
            called ? [] : [$"{Place}: {inboundPort} is no port; the endpoint is not called"],
            bad.Select(input => input.Text));
    }

    [Theory]
    [InlineData(true, 0u, Framing.MeshTls)]
    [InlineData(true, 4143u, Framing.TransportHeader)]
    [InlineData(false, 1111u, Framing.TransportHeader)]
    [InlineData(false, 0u, Framing.MeshTls)]
    public void Read_Hints_BecomeFramingAndFlags(bool h2, uint inboundPort, Framing framing)
    {
        WeightedAddr wire = Meshed();
        wire.ProtocolHint = h2 ? new() { H2 = new() } : new() { Opaque = new() };
        if (inboundPort != 0)
        {
            wire.ProtocolHint.OpaqueTransport = new() { InboundPort = inboundPort };
        }

        EndpointTransport transport = Read(wire);

        Assert.Equal((framing, h2, !h2), (transport.Framing, transport.UpgradesHttp1, transport.Opaque));
        Assert.Equal(inboundPort == 0 ? EndpointTransport.DefaultInboundPort : (int)inboundPort, transport.InboundPort);
    }

    [Fact]
    public void Read_Gateway_KeepsTheAuthority()
    {
        WeightedAddr wire = Meshed();
        wire.AuthorityOverride = new() { AuthorityOverride_ = "some-auth.com:2" };
        Assert.Equal("some-auth.com:2", Read(wire).AuthorityOverride);
        Assert.Empty(_bad);
    }

    [Theory]
    [InlineData("some-auth.com")]
    [InlineData("some-auth.com:0")]
    [InlineData("some auth:2")]
    [InlineData(":2")]
    [InlineData("a\r\nb:2")]
    public void Read_GatewayWithoutAReadableAuthority_IsNotCalled(string authority)
    {
        WeightedAddr wire = Meshed();
        wire.AuthorityOverride = new() { AuthorityOverride_ = authority };

        EndpointTransport transport = Read(wire);

        Assert.True(transport is { IsSecured: true, Peer: null, AuthorityOverride: null });
        Assert.StartsWith("add.addrs[7].authority_override: '", Assert.Single(_bad).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1u, 2_000_000u, false, 2_000_000)]
    [InlineData(0u, 2_000_000u, false, null)]
    [InlineData(1u, 0u, false, null)]
    [InlineData(1u, 2_000_000u, true, null)]
    [InlineData(1u, uint.MaxValue, false, int.MaxValue)]
    public void Read_Windows_CountTogetherOnly(uint connection, uint stream, bool adaptive, int? expected)
    {
        WeightedAddr wire = Meshed();
        wire.Http2 = new()
        {
            FlowControl = new()
            {
                InitialConnectionWindowSize = connection,
                InitialStreamWindowSize = stream,
                AdaptiveFlowControl = adaptive,
            },
        };
        Assert.Equal(expected is null ? null : new Http2Policy(expected), Read(wire).Http2);
    }

    [Fact]
    public void Read_KeepAlive_IsTaken()
    {
        WeightedAddr wire = Meshed();
        wire.Http2 = new()
        {
            KeepAlive = new()
            {
                Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
                Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)),
                WhileIdle = true,
            },
        };
        Assert.Equal(new Http2Policy(null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3), true), Read(wire).Http2);
    }

    [Fact]
    public void Read_KeepAliveOfNonsense_IsNotTaken()
    {
        WeightedAddr wire = Meshed();
        wire.Http2 = new()
        {
            KeepAlive = new() { Interval = new() { Seconds = -5 }, Timeout = new() { Seconds = long.MaxValue }, WhileIdle = true },
        };
        Assert.Null(Read(wire).Http2);
    }

    public static TheoryData<string> All => new(Transports.Keys);

    private static Dictionary<string, EndpointTransport> Transports => new()
    {
        ["plain"] = EndpointTransport.Plaintext,
        ["mesh"] = new(Framing.MeshTls) { Peer = PeerIdentity.Of(TestCa.Id(Dns)), UpgradesHttp1 = true },
        ["ours"] = new(Framing.MeshTls) { Peer = PeerIdentity.Of(TestCa.Id(Spiffe)) },
        ["https"] = new(Framing.Https) { Peer = PeerIdentity.Of(TestCa.Id(Spiffe)) },
        ["uri"] = new(Framing.TransportHeader) { Peer = new(TestCa.Id(Spiffe), "server.local"), InboundPort = 1111, Opaque = true },
        ["gateway"] = new(Framing.TransportHeader)
        {
            Peer = PeerIdentity.Of(TestCa.Id(Dns)),
            AuthorityOverride = "catalog.shop.svc.cluster.local:8080",
            UpgradesHttp1 = true,
            Http2 = new Http2Policy(1_000_000, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3), true),
        },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Write_ThenRead_IsTheSame(string name)
    {
        EndpointTransport transport = Transports[name];
        var wire = new WeightedAddr();
        DestinationTransport.Write(transport, wire);

        Assert.Equal(transport, Read(WeightedAddr.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(wire))));
        Assert.Empty(_bad);
    }

    private static WeightedAddr Meshed() => new() { TlsIdentity = new() { DnsLikeIdentity = new() { Name = Dns } } };

    private EndpointTransport Read(WeightedAddr wire) => DestinationTransport.Read(
        wire, wire.MetricLabels.TryGetValue("mesh_framing", out string? framing) ? framing : null, 7, _bad.Add);
}
