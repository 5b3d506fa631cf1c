using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>What <c>openssl s_client</c>, which shares no code with us, sees of a mesh server.</summary>
public sealed class OpenSslClientTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: catalog\r\nConnection: close\r\n\r\n";

    private readonly TestCa _ca = new();

    [Theory]
    [InlineData(null, "No ALPN negotiated")]
    [InlineData("http/1.1", "ALPN protocol: http/1.1")]
    public async Task Get_IsAnswered_OverOneVerifiedTls13Connection(string? alpn, string negotiated)
    {
        (string output, int exitCode) = await AskAsync(_ca, Get, alpn is null ? ["-ign_eof"] : ["-ign_eof", "-alpn", alpn]);

        Assert.Equal(0, exitCode);
        ExpectVerified(output, negotiated);
        Assert.Contains("HTTP/1.1 200 OK", output, StringComparison.Ordinal);
        Assert.Contains($"https HTTP/1.1 {SecureMesh.Web} tls", output, StringComparison.Ordinal);

        // Tickets come before the answer.
        Assert.DoesNotContain("New Session Ticket", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h2")]
    [InlineData("h2,http/1.1")]
    public async Task Handshake_AlpnH2_IsChosen(string alpn)
    {
        (string output, int exitCode) = await AskAsync(_ca, "", ["-alpn", alpn]);

        Assert.Equal(0, exitCode);
        ExpectVerified(output, "ALPN protocol: h2");
    }

    [Fact]
    public async Task Handshake_SendsLeafAndIntermediate_WithItsIdentity()
    {
        (string output, _) = await AskAsync(_ca, Get, ["-ign_eof"]);

        var sent = new X509Certificate2Collection();
        sent.ImportFromPem(output);
        Assert.Equal(2, sent.Count);
        Assert.Equal(_ca.Intermediate, sent[1]);
        var names = new X509SubjectAlternativeNameExtension(sent[0].Extensions["2.5.29.17"]!.RawData);
        Assert.Equal([SecureMesh.Catalog], names.EnumerateDnsNames());
    }

    [Fact]
    public async Task Handshake_FiveReconnects_AreFullHandshakes()
    {
        (string output, _) = await AskAsync(_ca, "", ["-reconnect"]);

        Assert.Equal(6, output.Split("New, TLSv1.3").Length - 1);
        Assert.DoesNotContain("Reused,", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_Tls12_IsRefused()
    {
        (string output, int exitCode) = await AskAsync(_ca, Get, ["-ign_eof"], version: "-tls1_2");

        Assert.Equal(1, exitCode);
        Assert.Contains("alert", output, StringComparison.Ordinal);
        Assert.Contains("no peer certificate available", output, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithACertificateOfAnotherAuthority_IsRefusedWithAnAlert()
    {
        (string output, int exitCode) = await AskAsync(new TestCa(name: "other"), Get, ["-ign_eof"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("alert", output, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Strict_WithoutACertificate_IsRefusedWithAnAlert()
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), MeshIdentityMode.Strict);
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Web]), _ca);

        (string output, int exitCode) = await RunAsync(server, Get, ["-tls1_3", "-ign_eof", .. files.Options[^3..]]);

        Assert.Equal(1, exitCode);
        Assert.Contains("alert", output, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", output, StringComparison.Ordinal);
    }

    private static void ExpectVerified(string output, string negotiated)
    {
        Assert.Contains("New, TLSv1.3, Cipher is TLS_AES_", output, StringComparison.Ordinal);
        Assert.Contains(negotiated, output, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", output, StringComparison.Ordinal);
        Assert.Contains($"Verified peername: {SecureMesh.Catalog}", output, StringComparison.Ordinal);

        // Only a server that asks for the client's certificate says with what it may be signed.
        Assert.Contains("\nRequested Signature Algorithms: ", output, StringComparison.Ordinal);
    }

    /// <summary>Runs s_client with a certificate of <c>web</c>, against a server whose own is of this test's authority.</summary>
    private async Task<(string Output, int ExitCode)> AskAsync(
        TestCa issuer, string typed, string[] options, string version = "-tls1_3")
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        using var files = new OpenSslFiles(issuer.Issue([SecureMesh.Web]), _ca);
        return await RunAsync(server, typed, [version, .. options, .. files.Options]);
    }

    private static async Task<(string Output, int ExitCode)> RunAsync(MeshServer server, string typed, string[] options)
    {
        await using OpenSslProcess client = OpenSslProcess.Start(
        [
            "s_client", "-connect", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.Port}"),
            "-servername", SecureMesh.Catalog, "-verify_hostname", SecureMesh.Catalog, "-showcerts", .. options,
        ]);
        await client.TypeAsync(typed);
        return await client.EndAsync();
    }
}
