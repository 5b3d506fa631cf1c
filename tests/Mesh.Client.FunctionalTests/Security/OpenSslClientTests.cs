using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>What <c>openssl s_client</c>, which verifies by itself, sees of a mesh server.</summary>
public sealed class OpenSslClientTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: catalog\r\nConnection: close\r\n\r\n";

    // Kestrel closes the socket without TLS's own goodbye, which openssl calls an error unless told otherwise.
    private static readonly string[] UntilTheAnswer = ["-ign_eof", "-ignore_unexpected_eof"];

    private readonly TestCa _ca = new();

    [Theory]
    [InlineData(null, "No ALPN negotiated")]
    [InlineData("http/1.1", "ALPN protocol: http/1.1")]
    public async Task Get_IsAnswered_OverAVerifiedTls13Connection(string? alpn, string negotiated)
    {
        await using MeshServer server = await StartAsync();
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Web]), _ca);

        (string output, int exitCode) = await AskAsync(
            server, Get, ["-tls1_3", .. UntilTheAnswer, .. files.Options, .. alpn is null ? Array.Empty<string>() : ["-alpn", alpn]]);

        Assert.Equal(0, exitCode);
        ExpectVerified(output, negotiated);
        ExpectAnswer(output);
    }

    [Theory]
    [InlineData("h2")]
    [InlineData("http/1.1,h2")]
    public async Task Handshake_AlpnH2_IsChosen(string alpn)
    {
        await using MeshServer server = await StartAsync();
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Web]), _ca);

        (string output, int exitCode) = await AskAsync(server, "", ["-tls1_3", "-alpn", alpn, .. files.Options]);

        Assert.Equal(0, exitCode);
        ExpectVerified(output, "ALPN protocol: h2");
    }

    [Fact]
    public async Task Handshake_SendsLeafAndIntermediate_WithItsIdentity()
    {
        await using MeshServer server = await StartAsync();
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Web]), _ca);

        (string output, _) = await AskAsync(server, "", ["-tls1_3", .. files.Options]);

        var sent = new X509Certificate2Collection();
        sent.ImportFromPem(output.AsSpan(0, output.IndexOf("Server certificate", StringComparison.Ordinal)));
        Assert.Equal(2, sent.Count);
        Assert.Equal(_ca.Intermediate, sent[1]);
        var names = new X509SubjectAlternativeNameExtension(sent[0].Extensions["2.5.29.17"]!.RawData);
        Assert.Equal([SecureMesh.Catalog], names.EnumerateDnsNames());
    }

    [Fact]
    public async Task Get_WithTheTicketOfAnEarlierConnection_IsAFullHandshake()
    {
        await using MeshServer server = await StartAsync();
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Web]), _ca);
        using var folder = new TemporaryFolder();
        string session = folder.File("session.pem");
        string[] options = ["-tls1_3", .. UntilTheAnswer, .. files.Options];

        // The platform sends tickets; they are worth nothing.
        (string first, _) = await AskAsync(server, Get, [.. options, "-sess_out", session]);
        Assert.Contains("New Session Ticket", first, StringComparison.Ordinal);
        (string second, _) = await AskAsync(server, Get, [.. options, "-sess_in", session]);

        Assert.DoesNotContain("Reused, ", second, StringComparison.Ordinal);
        ExpectVerified(second, "No ALPN negotiated");
        ExpectAnswer(second);
    }

    [Fact]
    public async Task Handshake_Tls12_IsRefused()
    {
        await using MeshServer server = await StartAsync();
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Web]), _ca);

        (string output, int exitCode) = await AskAsync(server, Get, ["-tls1_2", "-ign_eof", .. files.Options]);

        Assert.Equal(1, exitCode);
        Assert.Contains("alert protocol version", output, StringComparison.Ordinal);
        Assert.Contains("no peer certificate available", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithACertificateOfAnotherAuthority_IsRefused()
    {
        await using MeshServer server = await StartAsync();
        using var files = new OpenSslFiles(new TestCa(name: "other").Issue([SecureMesh.Web]), _ca);

        await ExpectRefusedAsync(server, files.Options);

        // Logged after the client was sent away.
        await Eventually.TrueAsync(() => server.Warnings().Any(line => line.Contains(
            $"the certificate does not chain to a trust anchor: presented {SecureMesh.Web}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Get_Strict_WithoutACertificate_IsRefused()
    {
        await using MeshServer server = await StartAsync(MeshIdentityMode.Strict);
        using var files = new OpenSslFiles(_ca.Issue([SecureMesh.Web]), _ca);

        await ExpectRefusedAsync(server, files.TrustOptions);

        await Eventually.TrueAsync(
            () => server.Warnings().Any(line => line.Contains("the peer presented no certificate", StringComparison.Ordinal)));
    }

    /// <summary>The platform's TLS sends no alert for a certificate that we refuse: the connection ends.</summary>
    private static async Task ExpectRefusedAsync(MeshServer server, string[] options)
    {
        (string output, int exitCode) = await AskAsync(server, Get, ["-tls1_3", "-ign_eof", .. options]);

        Assert.Equal(1, exitCode);
        Assert.Contains("unexpected eof while reading", output, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 ", output, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => server.Handshakes("refused") == 1);
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

    private static void ExpectAnswer(string output)
    {
        Assert.Contains("HTTP/1.1 200 OK", output, StringComparison.Ordinal);
        Assert.Contains($"https HTTP/1.1 {SecureMesh.Web} tls", output, StringComparison.Ordinal);
    }

    private static async Task<(string Output, int ExitCode)> AskAsync(MeshServer server, string typed, string[] options)
    {
        await using OpenSslProcess client = OpenSslProcess.Start(
        [
            "s_client", "-connect", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.Port}"),
            "-servername", SecureMesh.Catalog, "-verify_hostname", SecureMesh.Catalog, "-showcerts", .. options,
        ]);
        await client.TypeAsync(typed);
        return await client.EndAsync();
    }

    private Task<MeshServer> StartAsync(MeshIdentityMode mode = MeshIdentityMode.Permissive) =>
        MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), mode);
}
