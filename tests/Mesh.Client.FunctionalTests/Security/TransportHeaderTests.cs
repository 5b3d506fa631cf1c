using System.Net.Security;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Endpoints behind a Linkerd proxy's inbound port.</summary>
public sealed class TransportHeaderTests
{
    private const string Prefix = "7472616e73706f72742e6c35642e696f2f76310d0a0d0a";

    private static readonly SslApplicationProtocol Linkerds = new("transport.l5d.io/v1");

    private readonly TestCa _ca = new();
    private readonly Posts _posts = new();

    /// <summary>The vectors of reference/linkerd.md §6.</summary>
    [Theory]
    [InlineData(4321, "1.1", "http", "0000000708e1211a020a00")]
    [InlineData(8080, "1.1", "https", "0000000708903f1a020a00")]
    [InlineData(8989, "2.0", "http", "00000007089d461a021200")]
    [InlineData(8989, "2.0", "https", "00000007089d461a021200")]
    [InlineData(8989, Posts.Grpc, "http", "00000007089d461a021200")]
    public async Task Call_HeaderIsByteExactAndTheRestIsAsAlways(int port, string protocol, string scheme, string header)
    {
        await using MeshServer application = await MeshServer.StartAsync(null, map: _posts.Map);
        await using var proxy = new ProxyServer(_ca, application.Port, Linkerds);
        await using MeshHost client = await StartAsync(proxy, port);

        MeshCallInfo? first = await _posts.CallAsync(client, protocol, scheme: scheme);
        await _posts.CallAsync(client, protocol, scheme: scheme);

        Assert.Equal(Prefix + header, Assert.Single(proxy.Headers));
        Assert.Equal(protocol == Posts.Grpc ? null : $"127.0.0.1:{port}", first?.Attempts.Single().Endpoint);
        _posts.AssertOnce();
    }

    [Fact]
    public async Task Call_BothVersions_EachConnectionSaysItsOwn()
    {
        await using MeshServer application = await MeshServer.StartAsync(null, map: _posts.Map);
        await using var proxy = new ProxyServer(_ca, application.Port, Linkerds);
        await using MeshHost client = await StartAsync(proxy, 8989);

        await _posts.CallAsync(client, "2.0");
        await _posts.CallAsync(client, "1.1");

        Assert.Equal(
            [$"{Prefix}00000007089d461a020a00", $"{Prefix}00000007089d461a021200"],
            proxy.Headers.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("h2")]
    public async Task Call_PeerWithoutTheProtocol_IsSentNoHeader(string? alpn)
    {
        await using MeshServer application = await MeshServer.StartAsync(null, map: _posts.Map);
        await using var proxy = new ProxyServer(_ca, application.Port, alpn is null ? null : new SslApplicationProtocol(alpn));
        await using MeshHost client = await StartAsync(proxy, 8989);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => _posts.CallAsync(client, "1.1"));

        Assert.Contains("127.0.0.1:8989", error.Message, StringComparison.Ordinal);
        Assert.Contains(alpn is null ? "transport.l5d.io/v1" : "application protocol", error.Message, StringComparison.Ordinal);
        Assert.All(proxy.Headers, header => Assert.Equal("", header));
        Assert.NotEqual(0, proxy.Connections);
        Assert.Empty(_posts.Executed);
    }

    /// <summary>What filters write is for the application: the proxy is told where it goes, and that stays.</summary>
    [Theory]
    [InlineData("http", "1.1")]
    [InlineData("https", "1.1")]
    [InlineData("http", "2.0")]
    [InlineData("https", "2.0")]
    public async Task Call_FiltersOfARoute_ChangeWhatTheApplicationSees(string scheme, string version)
    {
        await using MeshServer application = await MeshServer.StartAsync(
            null,
            map: app => app.MapGet("/{**rest}", (HttpContext context) =>
                $"{context.Request.Host} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers["x-rule"]}"));
        await using var proxy = new ProxyServer(_ca, application.Port, Linkerds);
        await using MeshHost client = await StartAsync(proxy, 8989, catalog => catalog.Routes =
        [
            new()
            {
                Match = new() { Path = new() { Prefix = "/v2" } },
                Filters =
                [
                    new() { Rewrite = new() { Host = "inner.example", PathPrefix = "/api" } },
                    new() { RequestHeaders = new() { Set = { ["x-rule"] = "ours" } } },
                    new() { ResponseHeaders = new() { Set = { ["x-answer"] = "ours" } } },
                ],
            },
            new() { Name = "rest" },
        ]);

        Assert.Equal("inner.example /api/items?q=1 ours", await AskAsync("/v2/items?q=1", "ours"));
        Assert.Equal("catalog /items ", await AskAsync("/items", null));

        Assert.Equal($"{Prefix}00000007089d461a02{(version == "2.0" ? "1200" : "0a00")}", Assert.Single(proxy.Headers));

        async Task<string> AskAsync(string path, string? answer)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://catalog{path}")
            {
                Version = Version.Parse(version),
                VersionPolicy = version == "2.0" ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
            };
            using HttpResponseMessage response = await client.Client().SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(answer, response.Headers.TryGetValues("x-answer", out IEnumerable<string>? values) ? values.Single() : null);
            Assert.Equal(($"{scheme}://catalog{path}", null), (request.RequestUri!.ToString(), request.Headers.Host));
            return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    private Task<MeshHost> StartAsync(ProxyServer proxy, int port, Action<MeshServiceOptions>? configure = null) =>
        SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [
                new MeshEndpointOptions
                {
                    Address = $"127.0.0.1:{port}",
                    Identity = SecureMesh.Catalog,
                    Framing = Framing.TransportHeader,
                    InboundPort = proxy.Port,
                },
            ],
            catalog =>
            {
                catalog.Port = 80;
                configure?.Invoke(catalog);
            });
}
