using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.Tests.Runtime;

public sealed class MeshedRequestTests
{
    private static readonly EndpointTransport Upgrading = new(Framing.MeshTls)
    {
        Peer = PeerIdentity.Of(TestCa.Id("web.shop")),
        UpgradesHttp1 = true,
    };

    [Theory]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionOrLower, null, true)]
    [InlineData("1.0", HttpVersionPolicy.RequestVersionExact, null, true)]
    [InlineData("2.0", HttpVersionPolicy.RequestVersionOrLower, null, true)]
    [InlineData("2.0", HttpVersionPolicy.RequestVersionExact, null, false)]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionOrLower, "websocket", false)]
    public void IsUpgraded_WhatGoesAsHttp1_UnlessItBecomesAnotherProtocol(
        string version, HttpVersionPolicy policy, string? upgrade, bool expected)
    {
        using HttpRequestMessage request = Request(version, policy);
        if (upgrade is not null)
        {
            request.Headers.TryAddWithoutValidation("Upgrade", upgrade);
        }

        Assert.Equal(expected, MeshedRequest.IsUpgraded(request, Upgrading));
        Assert.False(MeshedRequest.IsUpgraded(request, Upgrading with { UpgradesHttp1 = false }));
        Assert.False(MeshedRequest.IsUpgraded(request, Upgrading with { Opaque = true }));
        Assert.False(MeshedRequest.IsUpgraded(request, EndpointTransport.Plaintext with { UpgradesHttp1 = true }));
    }

    [Fact]
    public void Of_Upgraded_IsHttp2WithoutWhatIsOfOneConnection()
    {
        using HttpRequestMessage request = Request("1.1", HttpVersionPolicy.RequestVersionOrLower);
        request.Content = new StringContent("x");
        request.Headers.TransferEncodingChunked = true;
        request.Headers.TryAddWithoutValidation("Connection", "keep-alive, x-hop");
        request.Headers.TryAddWithoutValidation("Keep-Alive", "timeout=5");
        request.Headers.TryAddWithoutValidation("Proxy-Connection", "keep-alive");
        request.Headers.TryAddWithoutValidation("x-hop", "1");
        request.Headers.TryAddWithoutValidation("l5d-orig-proto", "HTTP/0.9");
        request.Headers.TryAddWithoutValidation("x-kept", ["a", "b"]);
        string before = request.ToString();

        HttpRequestMessage sent = MeshedRequest.Of(request, Upgrading, upgrade: true, demands: null);

        Assert.Equal(["l5d-orig-proto", "x-kept"], sent.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["HTTP/1.1"], sent.Headers.GetValues("l5d-orig-proto"));
        Assert.Equal(["a", "b"], sent.Headers.GetValues("x-kept"));
        Assert.Equal((HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact), (sent.Version, sent.VersionPolicy));
        Assert.Same(request.Content, sent.Content);
        Assert.Equal(before, request.ToString());
    }

    [Fact]
    public void Of_Gateway_HasItsAuthorityAndNoCanonicalName()
    {
        using HttpRequestMessage request = Request("2.0", HttpVersionPolicy.RequestVersionExact);
        request.Headers.Host = "catalog";
        request.Headers.TryAddWithoutValidation("l5d-dst-canonical", "catalog.shop:80");

        HttpRequestMessage sent = MeshedRequest.Of(
            request, Upgrading with { AuthorityOverride = "a.b:8080" }, upgrade: false, demands: null);

        Assert.Equal("a.b:8080", sent.Headers.Host);
        Assert.False(sent.Headers.Contains("l5d-dst-canonical"));
        Assert.Equal(("catalog", request.RequestUri), (request.Headers.Host, sent.RequestUri));
    }

    [Fact]
    public void Restore_Upgraded_IsTheCallersResponse()
    {
        using HttpRequestMessage request = Request("1.1", HttpVersionPolicy.RequestVersionOrLower);
        using HttpRequestMessage sent = MeshedRequest.Of(request, Upgrading, upgrade: true, demands: null);
        using var response = new HttpResponseMessage { Version = HttpVersion.Version20, RequestMessage = sent };
        response.Headers.TryAddWithoutValidation("l5d-orig-proto", "HTTP/1.1");

        MeshedRequest.Restore(response, sent, request);

        Assert.Same(request, response.RequestMessage);
        Assert.Equal(HttpVersion.Version11, response.Version);
        Assert.Empty(response.Headers);
    }

    private static HttpRequestMessage Request(string version, HttpVersionPolicy policy) =>
        new(HttpMethod.Get, "http://catalog/items") { Version = Version.Parse(version), VersionPolicy = policy };
}
