using System.Net;
using CsCheck;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Tests.Identity;
using Wire = Mesh.Client.Discovery.Destination.Protocol;

namespace Mesh.Client.Tests.Discovery.Destination;

public class EndpointFoldTests
{
    private readonly List<BadInput> _bad = [];
    private readonly EndpointFold _fold;

    public EndpointFoldTests() => _fold = new EndpointFold(_bad.Add);

    [Fact]
    public void Apply_AnySequence_EqualsANaiveModel() =>
        Gen.Select(Gen.Int[0, 3], Gen.Select(Gen.Int[1, 8], Gen.UInt[0, 5]).Array[0, 6]).Array[0, 30].Sample(steps =>
        {
            var fold = new EndpointFold(_ => { });
            var model = new Dictionary<int, int>();
            bool first = true;
            foreach ((int kind, (int Last, uint Weight)[] entries) in steps)
            {
                switch (kind)
                {
                    case 0:
                        if (first)
                        {
                            model.Clear();
                        }

                        first = false;
                        foreach ((int last, uint weight) in entries)
                        {
                            model[last] = Math.Max(1, (int)weight);
                        }

                        fold.Apply(Add([.. entries.Select(entry => Addr(entry.Last, entry.Weight))]));
                        break;
                    case 1:
                        if (!first)
                        {
                            entries.ToList().ForEach(entry => model.Remove(entry.Last));
                        }

                        fold.Apply(Remove([.. entries.Select(entry => entry.Last)]));
                        break;
                    case 2:
                        first = false;
                        model.Clear();
                        fold.Apply(Empty());
                        break;
                    default:
                        first = true;
                        fold.Restart();
                        break;
                }
            }

            return model.OrderBy(pair => pair.Key).Select(pair => ($"10.0.0.{pair.Key}:80", pair.Value))
                .SequenceEqual(fold.Endpoints.Select(endpoint => (endpoint.Address.Text, endpoint.Weight)).Order());
        });

    [Fact]
    public void Apply_RemoveFirst_SaysNothing()
    {
        Assert.False(_fold.Apply(Remove(1)));
        Assert.Empty(_fold.Endpoints);
    }

    [Fact]
    public void Apply_RemoveFirstAfterRestart_LeavesTheState()
    {
        _fold.Apply(Add(Addr(1), Addr(2)));
        _fold.Restart();

        Assert.False(_fold.Apply(Remove(1)));
        Assert.Equal(2, _fold.Endpoints.Length);
    }

    [Fact]
    public void Apply_NoKindThatIsKnown_IsReported()
    {
        Assert.False(_fold.Apply(new Wire.Update()));
        Assert.Equal("update: it is none of add, remove, no_endpoints", Assert.Single(_bad).Text);
    }

    [Fact]
    public void Apply_BadAddresses_AreSkippedWithTheirPlace()
    {
        Wire.WeightedAddr port = Addr(2);
        port.Addr.Port = 70000;
        Wire.WeightedAddr ip = Addr(3);
        ip.Addr.Ip = null;

        _fold.Apply(Add(Addr(1), port, ip, new Wire.WeightedAddr(), Addr(4)));
        Wire.Update remove = Remove(1, 4);
        remove.Remove.Addrs[0].Port = 0;
        _fold.Apply(remove);

        Assert.Equal("10.0.0.1:80", Assert.Single(_fold.Endpoints).Address.Text);
        Assert.Equal(
            [
                "add.addrs[1].addr: port 70000 is not 1 to 65535",
                "add.addrs[2].addr: ip is missing",
                "add.addrs[3].addr: it is missing",
                "remove.addrs[0]: port 0 is not 1 to 65535",
            ],
            _bad.Select(bad => bad.Text));
        Assert.Equal(["add.addrs[].addr", "remove.addrs[]"], _bad.Select(bad => bad.Kind).Distinct());
    }

    [Theory]
    [InlineData(0u, 1)]
    [InlineData(1u, 1)]
    [InlineData(10000u, 10000)]
    [InlineData(uint.MaxValue, int.MaxValue)]
    public void Apply_Weight_IsAtLeast1AndFits(uint wire, int expected)
    {
        _fold.Apply(Add(Addr(1, wire)));

        Assert.Equal(expected, Assert.Single(_fold.Endpoints).Weight);
    }

    [Fact]
    public void Apply_Labels_SetsLieUnderTheAddresss()
    {
        Wire.WeightedAddr own = Addr(1);
        own.MetricLabels.Add(new Dictionary<string, string>
        {
            ["service"] = "own",
            ["zone"] = "a",
            ["mesh_hash_key"] = "catalog-1",
            ["mesh_priority"] = "2",
        });
        Wire.Update update = Add(own, Addr(2));
        update.Add.MetricLabels.Add(new Dictionary<string, string> { ["service"] = "catalog", ["namespace"] = "shop", ["zone"] = "" });

        _fold.Apply(update);

        Endpoint first = _fold.Endpoints.Single(endpoint => endpoint.Address.Host == "10.0.0.1");
        Endpoint second = _fold.Endpoints.Single(endpoint => endpoint.Address.Host == "10.0.0.2");
        Assert.Equal(("a", "catalog-1", 2), (first.Zone, first.HashKey, first.Priority));
        Assert.Equal(
            ("own", "shop", "a", 5), (first.Labels["service"], first.Labels["namespace"], first.Labels["zone"], first.Labels.Count));
        Assert.Equal((null, null, 0), (second.Zone, second.HashKey, second.Priority));
        Assert.Equal("catalog", second.Labels["service"]);
    }

    [Theory]
    [InlineData("high")]
    [InlineData("-1")]
    [InlineData("99999999999")]
    public void Apply_BadPriority_IsIgnoredAndReported(string text)
    {
        Wire.WeightedAddr addr = Addr(1);
        addr.MetricLabels["mesh_priority"] = text;

        _fold.Apply(Add(Addr(2), addr));

        Assert.All(_fold.Endpoints, endpoint => Assert.Equal(0, endpoint.Priority));
        Assert.Equal($"add.addrs[1].metric_labels.mesh_priority: '{text}' is not 0 to 2147483647", Assert.Single(_bad).Text);
    }

    [Fact]
    public void Apply_SameAgain_KeepsAnEqualState()
    {
        _fold.Apply(Add(Addr(1), Addr(2)));
        EndpointSet before = EndpointSet.Known(_fold.Endpoints);

        _fold.Restart();
        _fold.Apply(Add(Addr(1), Addr(2)));

        Assert.Equal(before, EndpointSet.Known(_fold.Endpoints));
    }

    [Fact]
    public void Apply_Identities_BecomeTheTransport()
    {
        const string Dns = "web.shop.serviceaccount.identity.linkerd.cluster.local", Uri = "spiffe://shop.example/web";
        Wire.WeightedAddr plain = Addr(1), mesh = Addr(2), header = Addr(3), https = Addr(4);
        mesh.TlsIdentity = new() { DnsLikeIdentity = new() { Name = Dns } };
        header.TlsIdentity = new() { DnsLikeIdentity = new() { Name = Dns }, ServerName = new() { Name = "gateway.test" } };
        header.ProtocolHint = new() { OpaqueTransport = new() { InboundPort = 4143 } };
        https.TlsIdentity = new() { UriLikeIdentity = new() { Uri = Uri } };
        https.MetricLabels["mesh_framing"] = "https";

        _fold.Apply(Add(plain, mesh, header, https));

        Assert.Equal(
            [
                EndpointTransport.Plaintext,
                new EndpointTransport(Framing.MeshTls) { Peer = PeerIdentity.Of(TestCa.Id(Dns)) },
                new EndpointTransport(Framing.TransportHeader) { Peer = new(TestCa.Id(Dns), "gateway.test"), InboundPort = 4143 },
                new EndpointTransport(Framing.Https) { Peer = new(TestCa.Id(Uri), null) },
            ],
            _fold.Endpoints.OrderBy(endpoint => endpoint.Address.Text).Select(endpoint => endpoint.Transport));
        Assert.Empty(_bad);
    }

    /// <summary>Nothing that says "TLS" and cannot be read may end as plaintext.</summary>
    [Fact]
    public void Apply_UnreadableIdentities_StayDemandsForTls()
    {
        Wire.WeightedAddr none = Addr(1), wild = Addr(2), server = Addr(3), framed = Addr(4), unframed = Addr(5);
        none.TlsIdentity = new();
        wild.TlsIdentity = new() { DnsLikeIdentity = new() { Name = "*.shop" } };
        server.TlsIdentity = new() { DnsLikeIdentity = new() { Name = "web.shop" }, ServerName = new() { Name = "a b" } };
        framed.MetricLabels["mesh_framing"] = "Https";
        unframed.TlsIdentity = new() { DnsLikeIdentity = new() { Name = "web.shop" } };
        unframed.MetricLabels["mesh_framing"] = "Plaintext";

        _fold.Apply(Add(none, wild, server, framed, unframed));

        Assert.All(_fold.Endpoints, endpoint => Assert.True(endpoint.Transport.IsSecured));
        Assert.Equal(4, _fold.Endpoints.Count(endpoint => endpoint.Transport.Peer is null));
        Assert.Equal(4, _bad.Count);
    }

    private static Wire.Update Add(params Wire.WeightedAddr[] addrs) => new() { Add = new() { Addrs = { addrs } } };

    private static Wire.Update Remove(params int[] lasts) => new() { Remove = new() { Addrs = { lasts.Select(Tcp) } } };

    private static Wire.Update Empty() => new() { NoEndpoints = new() { Exists = true } };

    private static Wire.WeightedAddr Addr(int last, uint weight = 1) => new() { Addr = Tcp(last), Weight = weight };

    private static Wire.TcpAddress Tcp(int last)
    {
        Assert.True(DestinationAddresses.TryWrite(
            EndpointAddress.Create(new IPAddress([10, 0, 0, (byte)last]), 80), out Wire.TcpAddress? wire));
        return wire;
    }
}
