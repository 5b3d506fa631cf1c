using System.Net;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>However the application says where it listens, the mesh stands in front.</summary>
public sealed class EndpointFormTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly TestCa _ca = new();

    private ManualCredentials Credentials => new(_ca.Issue(Catalog), _ca.Trust);

    [Theory]
    [InlineData("configuration")]
    [InlineData("environment")]
    [InlineData("listen before")]
    [InlineData("listen after")]
    [InlineData("any defaults before")]
    [InlineData("any defaults after")]
    public async Task EveryForm_TakesPlaintextAndTls(string form)
    {
        await using MeshServer server = await MeshServer.StartAsync(
            Credentials,
            url: form.Contains("defaults", StringComparison.Ordinal) ? "http://127.0.0.1:0" : null,
            before: builder => Apply(builder, form, isBefore: true),
            after: builder => Apply(builder, form, isBefore: false));

        foreach (Version version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            Assert.Contains("plain", await new MeshCaller(server) { Tls = false }.GetAsync(version));
            Assert.Contains($"{Web} tls", await new MeshCaller(server) { Credential = _ca.Issue(Web) }.GetAsync(version));
        }
    }

    /// <summary>There the mesh does not verify anybody: under Strict nobody is let in.</summary>
    [Fact]
    public async Task OwnHttps_UnderStrict_RefusesEveryRequest()
    {
        Credential own = new TestCa(name: "public").Issue("example.com");
        await using MeshServer server = await MeshServer.StartAsync(
            Credentials,
            MeshIdentityMode.Strict,
            url: null,
            after: builder => builder.WebHost.ConfigureKestrel(
                kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(own.Leaf))));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == own.Leaf.Thumbprint,
            },
        });

        using HttpResponseMessage response = await http.GetAsync(
            new Uri($"https://127.0.0.1:{server.Port}/"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    /// <summary>Two sockets at one address hide from the check at the start a third one that the mesh does not stand before.</summary>
    [Fact]
    public async Task EndpointWithoutTheMesh_UnderStrict_RefusesEveryRequest()
    {
        using var dead = new Hosting.DeadPort();
        int local = dead.Port;
        dead.Dispose();
        await using MeshServer server = await MeshServer.StartAsync(
            Credentials,
            MeshIdentityMode.Strict,
            url: null,
            before: builder => builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.ListenLocalhost(local);
                kestrel.ConfigureEndpointDefaults(_ => { });
                kestrel.Listen(IPAddress.Loopback, 0);
            }));
        int unguarded = server.Addresses.Select(address => new Uri(address).Port).Single(port => port != local);
        using var http = new HttpClient();

        using HttpResponseMessage response = await http.GetAsync(
            new Uri($"http://127.0.0.1:{unguarded}/"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task HttpsAddress_WithoutCertificate_ShowsTheWorkloads()
    {
        var credentials = new ManualCredentials(null, null);
        await using MeshServer server = await MeshServer.StartAsync(credentials, url: "https://127.0.0.1:0");
        Credential ours = _ca.Issue(Catalog);
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web), Alpn = new("h2") };
        Task<string> first = caller.GetAsync(HttpVersion.Version20, "https://server/");
        credentials.Set(ours, _ca.Trust);

        Assert.Contains($"https HTTP/2 {Web} tls", await first);
        Assert.Equal(ours.Leaf.Thumbprint, caller.Leaf);
        Assert.Contains(_ca.Intermediate.Thumbprint, caller.Others);
        Assert.StartsWith("https://127.0.0.1:", Assert.Single(server.Addresses));
        Assert.False(await new MeshCaller(server) { Credential = new TestCa(name: "other").Issue(Web) }.IsServedAsync());
        Assert.Equal(1, server.Handshakes("verified"));
    }

    [Fact]
    public async Task OwnCertificate_StaysTheApplications()
    {
        Credential own = new TestCa(name: "public").Issue("example.com");
        await using MeshServer server = await MeshServer.StartAsync(
            Credentials,
            url: null,
            after: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
                IPAddress.Loopback, 0, listen => listen.UseHttps(own.Leaf))));
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web), Alpn = new("h2") };

        Assert.StartsWith("https HTTP/2 - tls", await caller.GetAsync(HttpVersion.Version20, "https://server/"), StringComparison.Ordinal);
        Assert.Equal(own.Leaf.Thumbprint, caller.Leaf);
    }

    [Fact]
    public async Task DefaultsReplacedBeforeListen_Start_Fails()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => MeshServer.StartAsync(
            Credentials,
            url: null,
            after: builder => builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.ConfigureEndpointDefaults(_ => { });
                kestrel.Listen(IPAddress.Loopback, 0);
            })));

        Assert.Contains("ConfigureEndpointDefaults", exception.Message);
    }

    private static void Apply(WebApplicationBuilder builder, string form, bool isBefore)
    {
        switch (form)
        {
            case "configuration" when isBefore:
                builder.Configuration["Kestrel:Endpoints:Main:Url"] = "http://127.0.0.1:0";
                break;
            case "environment" when isBefore:
                builder.Configuration["URLS"] = "http://127.0.0.1:0";
                break;
            case "listen before" when isBefore:
            case "listen after" when !isBefore:
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
                    IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1AndHttp2));
                break;
            case "any defaults before" when isBefore:
            case "any defaults after" when !isBefore:
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(_ => { }));
                break;
        }
    }
}
