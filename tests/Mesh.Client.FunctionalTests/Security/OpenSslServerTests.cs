using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>What <c>openssl s_server</c>, which shares no code with us, sees of a client.</summary>
public sealed class OpenSslServerTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Framing.MeshTls)]
    [InlineData(Framing.Https)]
    public async Task Get_IsAnswered_AndShowsWhoWeAre(Framing framing)
    {
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Catalog]), _ca);
        await using OpenSslProcess server = Start(files);
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(await server.ListeningAsync(), framing: framing)]);

        string page = await client.Client().GetStringAsync("/", Stop);

        (string output, _) = await server.EndAsync();
        Assert.Contains("\nNew, TLSv1.3, Cipher is TLS_AES_", page, StringComparison.Ordinal);
        Assert.Contains("\n    Verify return code: 0 (ok)", page, StringComparison.Ordinal);
        string shown = page[page.IndexOf("Client certificate", StringComparison.Ordinal)..];
        Assert.Contains($"DNS:{SecureMesh.Web}", shown, StringComparison.Ordinal);
        Assert.Contains($"Hostname in TLS extension: \"{SecureMesh.Catalog}\"", output, StringComparison.Ordinal);

        // From the anchor down to the leaf: it knows the anchor only, so that we sent the intermediate.
        Assert.Contains("depth=2 CN = test root", output, StringComparison.Ordinal);
        Assert.Contains("depth=1 CN = test intermediate", output, StringComparison.Ordinal);
        Assert.Contains("depth=0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("verify return:0", output, StringComparison.Ordinal);
        if (framing is Framing.Https)
        {
            Assert.Contains("ALPN protocols advertised by the client: http/1.1", output, StringComparison.Ordinal);
            Assert.Contains("ALPN protocols selected: http/1.1", output, StringComparison.Ordinal);
        }
        else
        {
            Assert.DoesNotContain("ALPN protocols advertised", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Framing.MeshTls)]
    [InlineData(Framing.Https)]
    public async Task Get_HostRewritten_AsksForTheIdentityStill(Framing framing)
    {
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Catalog]), _ca);
        await using OpenSslProcess server = Start(files);
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [SecureMesh.At(await server.ListeningAsync(), framing: framing)],
            catalog => catalog.Filters = [new() { Rewrite = new() { Host = "other.example" } }]);

        await client.Client().GetStringAsync("/", Stop);

        (string output, _) = await server.EndAsync();
        Assert.Contains($"Hostname in TLS extension: \"{SecureMesh.Catalog}\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("other.example", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_IntermediateNotKnownToThePeer_SecondConnectionToo()
    {
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Catalog]), _ca);
        await using OpenSslProcess server = Start(files, accepts: 2);
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(await server.ListeningAsync())]);

        // It gives tickets, and ends each connection after one answer.
        string first = await client.Client().GetStringAsync("/", Stop);
        string second = await client.Client().GetStringAsync("/", Stop);

        Assert.Contains("\nNew, TLSv1.3", first, StringComparison.Ordinal);
        Assert.Contains("\nNew, TLSv1.3", second, StringComparison.Ordinal);
        (string output, _) = await server.EndAsync();
        Assert.Contains("2 server accepts that finished", output, StringComparison.Ordinal);
        Assert.Contains("0 session cache hits", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_PeerIsSomebodyElse_IsRefusedInWords()
    {
        const string Other = "other.shop.serviceaccount.identity.linkerd.cluster.local";
        using var files = new OpenSslFiles(_ca.Issue([Other]), _ca);
        await using OpenSslProcess server = Start(files, accepts: 1000);
        int port = await server.ListeningAsync();
        await using MeshHost client = await SecureMesh.StartClientAsync(_ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(port)]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => client.Client().GetStringAsync("/", Stop));

        Assert.Contains($"127.0.0.1:{port}: no TLS with {SecureMesh.Catalog}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"expected {SecureMesh.Catalog}, presented {Other}", error.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// Answers a GET with a page about the connection. The second certificate and its name make it print the server name that it was
    /// asked for; they are never used. It ends after so many connections.
    /// </summary>
    private static OpenSslProcess Start(OpenSslFiles files, int accepts = 1) => OpenSslProcess.Start(
    [
        "s_server", "-accept", "127.0.0.1:0", "-naccept", accepts.ToString(CultureInfo.InvariantCulture),
        "-tls1_3", "-Verify", "1", "-alpn", "http/1.1", "-www",
        "-servername", "unused.invalid", "-cert2", files.Certificate, "-key2", files.Key, .. files.Options,
    ]);
}
