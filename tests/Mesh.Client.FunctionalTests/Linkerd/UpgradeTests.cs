using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>HTTP/1.1 that is carried over HTTP/2 between us and a pod's proxy.</summary>
public sealed class UpgradeTests
{
    private static readonly LinkerdTraffic On = new() { UpgradesHttp1 = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task Call_Http1_IsCarriedWhereThatIsWanted(bool direct, bool upgrades)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(direct, traffic: upgrades ? On : LinkerdTraffic.Off);
        using HttpRequestMessage request = LinkerdMesh.Request("1.1", HttpMethod.Post, ("Connection", "x-hop"), ("x-hop", "1"));
        request.Content = new StringContent("body");
        request.Headers.TransferEncodingChunked = true;
        string before = request.Headers.ToString();

        using HttpResponseMessage response = await mesh.SendAsync(request);

        Assert.Equal($"HTTP/1.1 catalog {SecureMesh.Web}  body", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal(HttpVersion.Version11, response.Version);
        Assert.False(response.Headers.Contains("l5d-orig-proto"));
        Assert.Equal(before, request.Headers.ToString());
        Assert.Equal((HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower), (request.Version, request.VersionPolicy));
        Assert.Same(request, response.RequestMessage);
        PodRequest seen = Assert.Single(mesh.Pod.Requests);
        Assert.Equal(
            upgrades ? ("HTTP/2", "HTTP/1.1", null) : ("HTTP/1.1", null, "1"), (seen.Protocol, seen["l5d-orig-proto"], seen["x-hop"]));
        Assert.Equal(upgrades ? "http2" : "http1", seen.From.Session);
    }

    [Fact]
    public async Task Call_NoHint_IsNotCarried()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false, (wire, _) => wire.ProtocolHint = null, On);

        using HttpResponseMessage response = await mesh.SendAsync(LinkerdMesh.Request("1.1"));

        Assert.Equal(("HTTP/1.1", null), (Assert.Single(mesh.Pod.Requests).Protocol, mesh.Pod.Requests.Single()["l5d-orig-proto"]));
    }

    [Fact]
    public async Task Call_WebSocketsHandshake_IsNotCarried()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false, traffic: On);
        using HttpRequestMessage request = LinkerdMesh.Request("1.1", null, ("Connection", "Upgrade"), ("Upgrade", "websocket"));

        using HttpResponseMessage response = await mesh.SendAsync(request);

        Assert.Equal(("HTTP/1.1", "websocket"), (Assert.Single(mesh.Pod.Requests).Protocol, mesh.Pod.Requests.Single()["upgrade"]));
    }

    [Fact]
    public async Task Call_HeadAndExpect_AreCarried()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(
            true, traffic: On, map: app => app.MapMethods("/head", ["HEAD"], context =>
            {
                context.Response.ContentLength = 7;
                return Task.CompletedTask;
            }));
        using var head = new HttpRequestMessage(HttpMethod.Head, "http://catalog/head");
        using HttpRequestMessage post = LinkerdMesh.Request("1.1", HttpMethod.Post);
        post.Headers.ExpectContinue = true;
        post.Content = new StreamContent(new MemoryStream(new byte[1_000_000]));

        using HttpResponseMessage none = await mesh.SendAsync(head);
        using HttpResponseMessage response = await mesh.SendAsync(post);

        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11, 7L), (none.StatusCode, none.Version, none.Content.Headers.ContentLength));
        Assert.Empty(await none.Content.ReadAsByteArrayAsync(Stop));
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (response.StatusCode, response.Version));
        Assert.InRange((await response.Content.ReadAsStringAsync(Stop)).Length, 1_000_000, 1_000_200);
        Assert.True(post.Headers.ExpectContinue);
        Assert.All(mesh.Pod.Requests, seen => Assert.Equal(("HTTP/2", "HTTP/1.1"), (seen.Protocol, seen["l5d-orig-proto"])));
        await Eventually.TrueAsync(() => mesh.Client.Service().Active == 0);
    }

    [Fact]
    public async Task Calls_ManyAtOnce_ShareOneConnection()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(true, traffic: On);
        using (await mesh.SendAsync(LinkerdMesh.Request("1.1")))
        {
        }

        HttpResponseMessage[] responses = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => mesh.SendAsync(LinkerdMesh.Request("1.1"))));

        Assert.All(
            responses, response => Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (response.StatusCode, response.Version)));
        Assert.Single(mesh.Pod.Connections);
    }

    [Fact]
    public async Task Call_IsRetried_EachTryIsCarried()
    {
        int calls = 0;
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false, traffic: On, map: app => app.MapGet("/busy", context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref calls) == 1 ? 503 : 200;
            return Task.CompletedTask;
        }));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/busy");

        using HttpResponseMessage response = await mesh.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (response.StatusCode, response.Version));
        Assert.Equal(["HTTP/1.1", "HTTP/1.1"], mesh.Pod.Requests.Select(seen => seen["l5d-orig-proto"]));
    }
}
