using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>The test's pod is as strict as Linkerd's proxy (reference/linkerd.md §2.2 and §2.3).</summary>
public sealed class LinkerdPodTests : IAsyncLifetime
{
    private const string Alpn = "transport.l5d.io/v1";

    private readonly TestCa _ca = new();
    private Backend _app = null!;
    private LinkerdPod _pod = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = await Backend.StartAsync();
        _pod = await LinkerdPod.StartAsync(_ca, SecureMesh.Catalog, IPEndPoint.Parse(_app.Address).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _pod.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData(Alpn, SecureMesh.Catalog, true, true)]
    [InlineData(Alpn, SecureMesh.Catalog, false, false)]
    [InlineData("h2", SecureMesh.Catalog, true, false)]
    [InlineData(null, SecureMesh.Catalog, true, false)]
    [InlineData(Alpn, SecureMesh.Web, true, false)]
    public async Task Direct_TakesOnlyWhatIsWhole(string? alpn, string serverName, bool showsCertificate, bool taken)
    {
        using TcpClient tcp = await ConnectAsync(_pod.DirectPort);
        await using var tls = new SslStream(tcp.GetStream());
        bool answered = false;
        try
        {
            await tls.AuthenticateAsClientAsync(Options(alpn, serverName, showsCertificate), Stop);
            await tls.WriteAsync(
                Convert.FromHexString("7472616e73706f72742e6c35642e696f2f76310d0a0d0a" + "0000000708903f1a020a00"), Stop);
            answered = await AskAsync(tls);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // Refused.
        }

        Assert.Equal((taken, taken ? 1 : 0), (answered, _pod.Connections.Count));
        if (taken)
        {
            PodConnection connection = _pod.Connections.Single();
            Assert.Equal((8080, "http1", SecureMesh.Web), (connection.Port, connection.Session, connection.Client));
        }
    }

    [Theory]
    [InlineData(SecureMesh.Catalog, true)]
    [InlineData("x" + SecureMesh.Catalog, false)]
    public async Task Transparent_TakesItsOwnName(string serverName, bool taken)
    {
        using TcpClient tcp = await ConnectAsync(_pod.TransparentPort);
        await using var tls = new SslStream(tcp.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(Options(null, serverName, showsCertificate: false), Stop);
            Assert.True(await AskAsync(tls));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // What the application says to TLS is none.
        }

        Assert.Equal((taken ? 1 : 0, taken ? 0 : 1), (_pod.Connections.Count, _pod.PassedOn));
    }

    [Fact]
    public async Task Transparent_HelloInTwoRecords_IsPassedOn()
    {
        using TcpClient tcp = await ConnectAsync(_pod.TransparentPort);

        // Of the handshake's 512 bytes the first record has ten.
        await tcp.GetStream().WriteAsync(Convert.FromHexString("160301000a" + "010001fc" + "0303aaaaaaaa"), Stop);

        await Eventually.TrueAsync(() => _pod.PassedOn == 1);
        Assert.Empty(_pod.Connections);
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, Stop);
        return tcp;
    }

    private static async Task<bool> AskAsync(Stream stream)
    {
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: catalog\r\n\r\n"u8.ToArray(), Stop);
        byte[] answer = new byte[15];
        int read = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, Stop);
        return Encoding.ASCII.GetString(answer, 0, read) == "HTTP/1.1 200 OK";
    }

    private SslClientAuthenticationOptions Options(string? alpn, string serverName, bool showsCertificate) => new()
    {
        TargetHost = serverName,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
        ClientCertificateContext = showsCertificate ? _ca.Issue(SecureMesh.Web).Context : null,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
    };
}
