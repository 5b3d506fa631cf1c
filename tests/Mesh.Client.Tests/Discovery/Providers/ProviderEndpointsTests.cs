using System.Net;
using System.Net.Sockets;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Providers;
using Mesh.Client.Model;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Discovery.Providers;

public sealed class ProviderEndpointsTests
{
    private readonly List<BadInput> _bad = [];

    [Theory]
    [InlineData("10.0.0.1:5000", "10.0.0.1:5000")]
    [InlineData("10.0.0.1", "10.0.0.1:8080")]
    [InlineData("[::1]:5000", "[::1]:5000")]
    [InlineData("[::1]", "[::1]:8080")]
    [InlineData("Catalog.internal:5000", "catalog.internal:5000")]
    [InlineData("catalog.internal.", "catalog.internal:8080")]
    [InlineData("http://10.0.0.1", "10.0.0.1:80")]
    [InlineData("http://10.0.0.1:5000/", "10.0.0.1:5000")]
    [InlineData("http://[::1]:5000", "[::1]:5000")]
    [InlineData("http://catalog.internal", "catalog.internal:80")]
    [InlineData("http://bücher.example:81", "xn--bcher-kva.example:81")]
    public void Add_PlainEndpoints_AreDialledAsTheyStand(string text, string address)
    {
        Assert.True(ServiceEndpoint.TryParse(text, out ServiceEndpoint? given));

        Endpoint endpoint = Assert.Single(Read(8080, given));

        Assert.Equal(address, endpoint.Address.Text);
        Assert.Equal(EndpointTransport.Plaintext, endpoint.Transport);
        Assert.Empty(_bad);
    }

    [Theory]
    [InlineData("https://catalog.internal:5001", 80, null, "catalog.internal")]
    [InlineData("https://catalog.internal", 80, null, "catalog.internal")]
    [InlineData("https://10.0.0.1:5001", 80, "catalog", "catalog")]
    [InlineData("https://10.0.0.1:5001", 80, null, null)]
    [InlineData("https://10.0.0.1:5001", 80, "10.0.0.1", null)]
    [InlineData("https://10.0.0.1:5001", 80, "not a name", null)]
    [InlineData("10.0.0.1:5001", 443, "catalog", "catalog")]
    [InlineData("catalog.internal", 443, null, "catalog.internal")]
    public void Add_Https_IsTlsOnlyAndExpectsTheName(string text, int port, string? hostName, string? expected)
    {
        Assert.True(ServiceEndpoint.TryParse(text, out ServiceEndpoint? given));
        given.Features.Set<IHostNameFeature>(hostName is null ? null : new HostName(hostName));

        EndpointTransport transport = Assert.Single(Read(port, given)).Transport;

        Assert.Equal((Framing.Https, true), (transport.Framing, transport.TlsOnly));
        Assert.Equal(expected, transport.Peer?.Identity.Name);
        Assert.Equal(expected, transport.Peer?.ServerName);
    }

    [Theory]
    [InlineData("http://10.0.0.1:5000", 443)]
    [InlineData("10.0.0.1:5000", 80)]
    public void Add_HostNameWithoutHttps_ChangesNothing(string text, int port)
    {
        Assert.True(ServiceEndpoint.TryParse(text, out ServiceEndpoint? given));
        given.Features.Set<IHostNameFeature>(new HostName("catalog"));

        Assert.Equal(EndpointTransport.Plaintext, Assert.Single(Read(port, given)).Transport);
    }

    [Fact]
    public void Add_Options_AreTakenOver()
    {
        var options = new MeshEndpointOptions
        {
            Weight = 3,
            Priority = 1,
            Zone = "a",
            HashKey = "catalog-1",
            Identity = "catalog.shop",
            Labels = { ["pod"] = "catalog-7d" },
        };

        Endpoint endpoint = Assert.Single(Read(80, With("10.0.0.1:5000", options)));

        Assert.Equal((3, 1, "a", "catalog-1"), (endpoint.Weight, endpoint.Priority, endpoint.Zone, endpoint.HashKey));
        Assert.Equal("catalog-7d", endpoint.Labels["pod"]);
        Assert.Equal((Framing.MeshTls, "catalog.shop", false), Transport(endpoint));
    }

    [Fact]
    public void Add_OptionsOfHttps_NameWhomToExpect()
    {
        var options = new MeshEndpointOptions { Identity = "spiffe://shop/catalog" };
        var framed = new MeshEndpointOptions { Identity = "catalog.shop", Framing = Framing.MeshTls };

        Endpoint[] endpoints = Read(80, With("https://10.0.0.1:5000", options), With("https://10.0.0.2:5000", framed));

        Assert.Equal((Framing.Https, "spiffe://shop/catalog", true), Transport(endpoints[0]));
        Assert.Equal((Framing.MeshTls, "catalog.shop", true), Transport(endpoints[1]));
    }

    public static TheoryData<string, MeshEndpointOptions, string> BadOptions() => new()
    {
        { "10.0.0.1:80", new() { Weight = 0 }, "Weight" },
        { "10.0.0.1:80", new() { Priority = -1 }, "Priority" },
        { "10.0.0.1:80", new() { Identity = "not a name" }, "Identity" },
        { "10.0.0.1:80", new() { Framing = Framing.MeshTls }, "needs an Identity" },
        { "https://10.0.0.1:80", new() { Framing = Framing.Plaintext }, "the endpoint is https" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Add_BadOptions_LeavesTheEndpointOut(string text, MeshEndpointOptions options, string problem)
    {
        Assert.Empty(Read(80, With(text, options)));
        Assert.Contains(problem, Assert.Single(_bad).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://10.0.0.1")]
    [InlineData("http://10.0.0.1/api")]
    [InlineData("http://10.0.0.1/?q=1")]
    [InlineData("https://10.0.0.1/api/")]
    public void Add_UriOfNoUse_IsLeftOutAndReported(string uri)
    {
        Endpoint[] endpoints = Read(80, ServiceEndpoint.Create(new UriEndPoint(new Uri(uri))), With("10.0.0.2:80"));

        Assert.Equal("10.0.0.2:80", Assert.Single(endpoints).Address.Text);
        Assert.Contains(uri, Assert.Single(_bad).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_ForeignKindsAndNull_AreLeftOutAndReported()
    {
        Assert.Empty(Read(
            80,
            null,
            ServiceEndpoint.Create(new UnixDomainSocketEndPoint("/run/catalog")),
            ServiceEndpoint.Create(new DnsEndPoint("not a name", 80)),
            ServiceEndpoint.Create(new UriEndPoint(new Uri("relative", UriKind.Relative)))));
        Assert.Equal(["null", nameof(UnixDomainSocketEndPoint), nameof(DnsEndPoint), nameof(UriEndPoint)], _bad.Select(bad => bad.Kind));
    }

    [Fact]
    public void Add_SameAddress_TheFirstHolds()
    {
        Endpoint endpoint = Assert.Single(Read(80, With("10.0.0.1:80", new() { Weight = 2 }), With("http://10.0.0.1")));

        Assert.Equal(2, endpoint.Weight);
        Assert.Empty(_bad);
    }

    private static (Framing, string?, bool) Transport(Endpoint endpoint) =>
        (endpoint.Transport.Framing, endpoint.Transport.Peer?.Identity.Name, endpoint.Transport.TlsOnly);

    private static ServiceEndpoint With(string text, MeshEndpointOptions? options = null)
    {
        Assert.True(ServiceEndpoint.TryParse(text, out ServiceEndpoint? given));
        given.Features.Set(options);
        return given;
    }

    private Endpoint[] Read(int port, params ServiceEndpoint?[] given)
    {
        var read = new ProviderEndpoints(new ServiceName("catalog.shop.svc.cluster.local", port), _bad.Add);
        Array.ForEach(given, read.Add);
        return [.. read.ToImmutable()];
    }

    private sealed class HostName(string name) : IHostNameFeature
    {
        string IHostNameFeature.HostName => name;
    }
}
