using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Client;

/// <summary>The request: logical on the wire, and given back as it was.</summary>
public sealed class RequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1", "http://catalog/items?id=1", "catalog")]
    [InlineData("2.0", "http://catalog/items?id=1", "catalog")]
    [InlineData("1.1", "http://catalog.default:8080/", "catalog.default:8080")]
    [InlineData("2.0", "http://catalog.default:8080/", "catalog.default:8080")]
    public async Task Send_Any_ServerSeesTheLogicalHost(string version, string uri, string expected)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(
            context => context.Response.WriteAsync($"{context.Request.Host} {context.Request.Path}{context.Request.QueryString}"),
            Protocols(version));
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        using HttpRequestMessage request = Request(version, HttpMethod.Get, uri);

        using HttpResponseMessage response = await host.Client().SendAsync(request, Cancel);

        Assert.Equal($"{expected} {new Uri(uri).PathAndQuery}", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Same(request, response.RequestMessage);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Send_HostHeaderOfTheCaller_IsSent(string version)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(
            context => context.Response.WriteAsync(context.Request.Host.Value!), Protocols(version));
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        using HttpRequestMessage request = Request(version, HttpMethod.Get, "http://catalog/");
        request.Headers.Host = "www.example.com";

        using HttpResponseMessage response = await host.Client().SendAsync(request, Cancel);

        Assert.Equal("www.example.com", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("www.example.com", request.Headers.Host);
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Send_AnyContent_ComesBackAsItWas(string version, string method, string content, bool fails)
    {
        var bodies = new ConcurrentQueue<string>();
        await using InProcessServer server = await InProcessServer.HttpAsync(
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                bodies.Enqueue(await reader.ReadToEndAsync());
                context.Response.StatusCode = fails ? 503 : 200;
            },
            Protocols(version));
        await using MeshHost host = await MeshHost.StartAsync(
            [.. MeshHost.Endpoints("catalog", server.Address), ("Defaults:Retry:Methods:0", method)]);
        using HttpRequestMessage request = Request(version, new HttpMethod(method), "http://catalog/items");
        using HttpContent? original = Make(content);
        request.Content = original;
        request.Headers.Add("x-own", "1");
        request.SetMeshHashKey("user-1");
        Uri uri = request.RequestUri!;

        using HttpResponseMessage response = await host.Client().SendAsync(request, Cancel);

        Assert.Equal(fails ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Enumerable.Repeat(content == "none" ? "" : "body", fails ? 2 : 1), bodies);
        Assert.Same(uri, request.RequestUri);
        Assert.Same(original, request.Content);
        Assert.Equal("x-own", Assert.Single(request.Headers).Key);
        Assert.Null(request.Headers.Host);
        Assert.Equal(Version.Parse(version), request.Version);
        Assert.Equal(HttpVersionPolicy.RequestVersionExact, request.VersionPolicy);
    }

    public static TheoryData<string, string, string, bool> Contents()
    {
        var data = new TheoryData<string, string, string, bool>();
        foreach (string version in new[] { "1.1", "2.0" })
        {
            foreach (bool fails in new[] { false, true })
            {
                data.Add(version, "DELETE", "none", fails);
                data.Add(version, "POST", "none", fails);
                data.Add(version, "POST", "string", fails);
                data.Add(version, "PUT", "stream", fails);
                data.Add(version, "POST", "own", fails);
            }
        }

        return data;
    }

    [Fact]
    public async Task Send_FailedCall_RequestComesBackAsItWas()
    {
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", DeadPort.TakeUri()));
        using HttpRequestMessage request = Request("1.1", HttpMethod.Delete, "http://catalog/items/1");

        await Assert.ThrowsAsync<MeshException>(() => host.Client().SendAsync(request, Cancel));

        Assert.Null(request.Content);
        Assert.Empty(request.Headers);
        Assert.Equal(new Uri("http://catalog/items/1"), request.RequestUri);
    }

    private static HttpContent? Make(string content) => content switch
    {
        "string" => new StringContent("body"),
        "stream" => new StreamContent(new MemoryStream("body"u8.ToArray())),
        "own" => new WholeContent(),
        _ => null,
    };

    private static HttpProtocols Protocols(string version) => version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1;

    private static HttpRequestMessage Request(string version, HttpMethod method, string uri) => new(method, uri)
    {
        Version = Version.Parse(version),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    // A content of the user's own, whose length is known.
    private sealed class WholeContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync("body"u8.ToArray()).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 4;
            return true;
        }
    }
}
