using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class ServiceNamesTests
{
    private static readonly ServiceNames Names = new(TestMesh.Options("""
        { "Mesh": { "Namespace": "Shop", "ClusterDomain": "Example.Org", "Domains": [ "shop.internal", "intra" ],
            "Services": {
                "catalog": { "Port": 8080, "Ports": { "9090": {} } },
                "orders.other": { "Port": 81 },
                "pay.example.com": {},
                "localhost": {} } } }
        """));

    [Theory]
    [InlineData("web", "web.shop.svc.example.org")]
    [InlineData("WEB", "web.shop.svc.example.org")]
    [InlineData("web.", "web.shop.svc.example.org")]
    [InlineData("1web", "1web.shop.svc.example.org")]
    [InlineData("web.other", "web.other.svc.example.org")]
    [InlineData("web.other.svc", "web.other.svc.example.org")]
    [InlineData("web.other.SVC", "web.other.svc.example.org")]
    [InlineData("web.other.svc.Example.org", "web.other.svc.example.org")]
    [InlineData("web.other.svc.example.org.", "web.other.svc.example.org")]
    [InlineData("pod-0.web.other.svc", "pod-0.web.other.svc.example.org")]
    [InlineData("pod-0.web.other.svc.example.org", "pod-0.web.other.svc.example.org")]
    [InlineData("web.other.svc.cluster.local", "web.other.svc.cluster.local")]
    [InlineData("www.Example.com", "www.example.com")]
    [InlineData("web.shop.internal", "web.shop.internal")]
    [InlineData("shop.internal", "shop.internal")]
    [InlineData("web.intra", "web.intra")]
    [InlineData("web.sintra", "web.sintra.svc.example.org")]
    [InlineData("app.localhost", "app.localhost")]
    [InlineData("_Grpc.web", "_grpc.web.shop.svc.example.org")]
    [InlineData("_grpc.web.other", "_grpc.web.other.svc.example.org")]
    [InlineData("_grpc.web.other.svc.example.org.", "_grpc.web.other.svc.example.org")]
    public void TryResolve_AnyForm_IsCanonical(string host, string canonical)
    {
        Assert.True(Names.TryResolve(host, 80, out ServiceName? name));
        Assert.Equal(new ServiceName(canonical, 80), name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("web..other")]
    [InlineData("web_1")]
    [InlineData("_web")]
    [InlineData("_.web")]
    [InlineData("_grpc.")]
    [InlineData("_g_rpc.web")]
    [InlineData("_grpc.web_1")]
    [InlineData("_grpc.127.0.0.1")]
    [InlineData("web/1")]
    [InlineData("wéb")]
    [InlineData("-web")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    public void TryResolve_IllegalNameOrAddress_IsFalse(string host) => Assert.False(Names.TryResolve(host, 80, out _));

    [Fact]
    public void TryResolve_LongNames_AreFalse()
    {
        Assert.False(Names.TryResolve(new string('a', 64), 80, out _));
        Assert.True(Names.TryResolve(new string('a', 63), 80, out _));

        // Legal as written, too long once complete.
        Assert.False(Names.TryResolve(string.Join('.', Enumerable.Repeat("abcdefgh", 27)) + ".svc", 80, out _));
    }

    [Theory]
    [InlineData("catalog", 80, 8080)]
    [InlineData("catalog.shop.svc", 8080, 8080)]
    [InlineData("catalog", 9090, 9090)]
    [InlineData("catalog", -1, 8080)]
    [InlineData("orders.other", 443, 81)]
    [InlineData("orders", 443, 443)]
    [InlineData("pay.example.com", 443, 443)]
    public void TryResolve_Port_PortsThenPortThenGiven(string host, int given, int expected)
    {
        Assert.True(Names.TryResolve(host, given, out ServiceName? name));
        Assert.Equal(expected, name.Port);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(65536)]
    public void TryResolve_NoPort_IsFalse(int port) => Assert.False(Names.TryResolve("web", port, out _));

    [Theory]
    [InlineData("web", true)]
    [InlineData("Web.", true)]
    [InlineData("web.other.svc", true)]
    [InlineData("web.other.svc.", true)]
    [InlineData("web.other.SVC.example.ORG", true)]
    [InlineData("orders.other", true)]
    [InlineData("orders.other.svc.example.org", true)]
    [InlineData("pay.Example.com", true)]
    [InlineData("web.shop.internal", true)]
    [InlineData("localhost", true)]
    [InlineData("app.localhost", false)]
    [InlineData("web.other", false)]
    [InlineData("www.example.com", false)]
    [InlineData("web.other.svc.cluster.local", false)]
    [InlineData("webshop.internal2", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("web_1", false)]
    [InlineData("_grpc.web", true)]
    [InlineData("_grpc.web.other.svc", true)]
    [InlineData("_grpc.web.other", false)]
    public void IsMeshName_Host_ByLookAndConfiguration(string host, bool expected) => Assert.Equal(expected, Names.IsMeshName(host));

    [Fact]
    public void IsMeshName_LocalhostNotConfigured_IsFalse() =>
        Assert.False(new ServiceNames(new MeshClientOptions()).IsMeshName("localhost"));
}
