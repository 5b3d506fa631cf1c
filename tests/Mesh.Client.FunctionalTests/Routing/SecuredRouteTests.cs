using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>Filters on the way to endpoints with an identity: what a request says changes, whom it is said to does not.</summary>
public sealed class SecuredRouteTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Framing.MeshTls, "http", "1.1")]
    [InlineData(Framing.MeshTls, "https", "1.1")]
    [InlineData(Framing.MeshTls, "http", "2.0")]
    [InlineData(Framing.Https, "http", "1.1")]
    [InlineData(Framing.Https, "https", "1.1")]
    [InlineData(Framing.Https, "https", "2.0")]
    public async Task Host_Rewritten_IsWhatTheServerSees_NotWhoItMustBe(Framing framing, string scheme, string version)
    {
        await using MeshServer server = await MeshServer.StartAsync(
            _ca.Issue(SecureMesh.Catalog, _ca),
            map: app => app.MapGet("/{**rest}", (HttpContext context) =>
                $"{context.Request.Host} {context.Request.Path} {context.Request.Headers["x-rule"]}"));
        await using MeshHost mesh = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [SecureMesh.At(server.Port, framing: framing)],
            catalog =>
            {
                catalog.Port = 80;
                catalog.Routes =
                [
                    To("/one", "one.example"),
                    To("/two", "two.example"),
                    new() { Filters = [new() { RequestHeaders = new() { Set = { ["x-rule"] = "rest" } } }] },
                ];
            });

        Assert.Equal("one.example /new/x one.example", await AskAsync("/one/x"));
        Assert.Equal("two.example /new/x two.example", await AskAsync("/two/x"));
        Assert.Equal("catalog /rest rest", await AskAsync("/rest"));
        Assert.Equal("one.example /new/y one.example", await AskAsync("/one/y"));

        // SocketsHttpHandler keeps https connections apart by what a request names as its host; the peer's name is the identity's still.
        int connections = framing is Framing.Https ? 3 : 1;
        Assert.Equal((connections, connections), (server.Handshakes("verified"), server.Connections));

        async Task<string> AskAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://catalog{path}")
            {
                Version = Version.Parse(version),
                VersionPolicy = version == "2.0" ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
            };
            using HttpResponseMessage response = await mesh.Client().SendAsync(request, Cancellation);
            Assert.Null(request.Headers.Host);
            return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation);
        }
    }

    private static MeshRouteOptions To(string prefix, string host) => new()
    {
        Match = new() { Path = new() { Prefix = prefix } },
        Filters =
        [
            new() { Rewrite = new() { Host = host, PathPrefix = "/new" } },
            new() { RequestHeaders = new() { Set = { ["x-rule"] = host } } },
        ],
    };
}
