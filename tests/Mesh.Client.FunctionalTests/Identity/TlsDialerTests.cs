using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Tests.Identity;
using Mesh.Client.Transport;

namespace Mesh.Client.FunctionalTests.Identity;

public sealed class TlsDialerTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly TestCa _ca = new();
    private readonly TlsDialer _dialer = new(TimeProvider.System, Store(null), new TlsConnections());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Catalog)]
    [InlineData("spiffe://example.org/ns/shop/sa/catalog")]
    public async Task AuthenticateAsync_EveryConnection_ShowsBothSidesWithIntermediates(string catalog)
    {
        Credential web = _ca.Issue(Web);
        await using TlsServer server = await TlsServer.StartAsync(_ca.Issue(catalog).Context);
        for (int i = 0; i < 3; i++)
        {
            await using TlsStream tls = await _dialer.AuthenticateAsync(
                await server.ConnectAsync(), Target(catalog) with { Credential = web }, null, Stop);

            Assert.Equal(SslProtocols.Tls13, tls.SslProtocol);
            Assert.True(tls.IsMutuallyAuthenticated);
            Assert.Null(tls.Peer.Problem);
            Assert.Equal([TestCa.Id(catalog)], tls.Peer.Identities);
            Assert.Equal(TrustBundle.Thumbprint(_ca.Root), tls.Peer.Anchor);
            Assert.StartsWith("HTTP/1.1 200", await GetAsync(tls), StringComparison.Ordinal);
        }

        Assert.Equal(3, server.Clients.Count);
        Assert.All(server.Clients, client =>
        {
            Assert.Equal(web.Leaf.Thumbprint, client.Leaf);
            Assert.Contains(_ca.Intermediate.Thumbprint, client.Others);
        });
        string? expectedName = catalog.Contains("://", StringComparison.Ordinal) ? "" : catalog;
        Assert.All(server.ServerNames, name => Assert.Equal(expectedName, name ?? ""));
    }

    [Fact]
    public async Task AuthenticateAsync_AnchorWithdrawnMeanwhile_IsRefused()
    {
        // As the store is when a new bundle came after the handshake had begun with the old one.
        using CredentialStore store = Store(new ManualCredentials(_ca.Issue(Web), new TestCa(name: "next").Trust));
        store.Start();
        await store.WhenReadyAsync(Stop);
        var connections = new TlsConnections();
        await using TlsServer server = await TlsServer.StartAsync(_ca.Issue(Catalog).Context);

        ConnectFailedException error = await Assert.ThrowsAsync<ConnectFailedException>(async () =>
            await new TlsDialer(TimeProvider.System, store, connections).AuthenticateAsync(
                await server.ConnectAsync(), Target(Catalog), null, Stop));

        Assert.Equal($"no TLS with {Catalog}: the anchor that vouched for the peer was withdrawn meanwhile", error.Message);
        Assert.Equal(0, connections.Count);
    }

    [Fact]
    public async Task AuthenticateAsync_ServerNameApart_IsSentAndNotVerified()
    {
        await using TlsServer server = await TlsServer.StartAsync(_ca.Issue(Catalog).Context);

        await using TlsStream tls = await _dialer.AuthenticateAsync(
            await server.ConnectAsync(), new TlsTarget(new PeerIdentity(TestCa.Id(Catalog), "gateway.test"), _ca.Trust), null, Stop);

        Assert.Equal("gateway.test", Assert.Single(server.ServerNames));
        Assert.Empty(server.Clients);
    }

    [Fact]
    public async Task AuthenticateAsync_RotatedCredential_IsShownByTheNextConnection()
    {
        Credential first = _ca.Issue(Web), second = _ca.Issue(Web);
        await using TlsServer server = await TlsServer.StartAsync(_ca.Issue(Catalog).Context);
        foreach (Credential credential in new[] { first, second, first })
        {
            await using TlsStream tls = await _dialer.AuthenticateAsync(
                await server.ConnectAsync(), Target(Catalog) with { Credential = credential }, null, Stop);
            await GetAsync(tls);
        }

        Assert.Equal(
            [first.Leaf.Thumbprint, second.Leaf.Thumbprint, first.Leaf.Thumbprint], server.Clients.Select(client => client.Leaf));
    }

    [Fact]
    public async Task AuthenticateAsync_WrongPeer_SaysWhoWasExpectedAndWhoWasThere()
    {
        TestCa other = new(name: "other");
        Credential catalog = _ca.Issue(Catalog);
        (SslStreamCertificateContext Certificate, string Reason)[] cases =
        [
            (_ca.Issue(Web).Context,
                $"the certificate is somebody else's: expected {Catalog}, presented {Web}, "
                + $"chain: {Web} < CN=test intermediate < CN=test root"),
            (other.Issue(Catalog).Context, "the certificate does not chain to a trust anchor: expected"),
            (SslStreamCertificateContext.Create(catalog.Leaf, null, offline: true),
                "the certificate does not chain to a trust anchor: expected"),
            (_ca.Issue(new TestLeaf(Catalog) { From = TimeSpan.FromHours(-2), Until = TimeSpan.FromHours(-1) }).Context,
                $"{Catalog} has expired at "),
            (_ca.Issue(new TestLeaf(Catalog) { From = TimeSpan.FromHours(1) }).Context, $"{Catalog} is not valid before "),
        ];
        foreach ((SslStreamCertificateContext certificate, string reason) in cases)
        {
            await using TlsServer server = await TlsServer.StartAsync(certificate);

            ConnectFailedException exception = await Assert.ThrowsAsync<ConnectFailedException>(
                async () => await _dialer.AuthenticateAsync(await server.ConnectAsync(), Target(Catalog), null, Stop));

            Assert.StartsWith($"no TLS with {Catalog}: {reason}", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AuthenticateAsync_Tls12Peer_IsRefused()
    {
        await using TlsServer server = await TlsServer.StartAsync(_ca.Issue(Catalog).Context, SslProtocols.Tls12);

        await Assert.ThrowsAsync<ConnectFailedException>(
            async () => await _dialer.AuthenticateAsync(await server.ConnectAsync(), Target(Catalog), null, Stop));
    }

    [Fact]
    public async Task AuthenticateAsync_TransportHeaderNotChosen_IsRefused()
    {
        TlsTarget target = Target(Catalog) with { Protocols = [TransportHeader.Protocol] };
        await using TlsServer with = await TlsServer.StartAsync(_ca.Issue(Catalog).Context, SslProtocols.Tls13, TransportHeader.Protocol);
        (Stream client, Stream server) = await PairAsync();
        await using var without = new SslStream(server);
        Task answering = without.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificateContext = _ca.Issue(Catalog).Context }, Stop);

        await using TlsStream tls = await _dialer.AuthenticateAsync(await with.ConnectAsync(), target, null, Stop);
        ConnectFailedException exception = await Assert.ThrowsAsync<ConnectFailedException>(
            async () => await _dialer.AuthenticateAsync(client, target, null, Stop));

        await answering.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Equal(TransportHeader.Protocol, tls.NegotiatedApplicationProtocol);
        Assert.EndsWith("the peer did not choose the protocol transport.l5d.io/v1", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0016\u0003")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task AuthenticateAsync_GarbageOrTruncated_FailsInWords(string answer)
    {
        (Stream client, Stream server) = await PairAsync();
        await server.WriteAsync(Encoding.Latin1.GetBytes(answer), Stop);
        await server.DisposeAsync();

        ConnectFailedException exception = await Assert.ThrowsAsync<ConnectFailedException>(
            async () => await _dialer.AuthenticateAsync(client, Target(Catalog), null, Stop));

        Assert.StartsWith($"no TLS with {Catalog}: ", exception.Message, StringComparison.Ordinal);
        Assert.False(client.CanRead);
    }

    [Fact]
    public async Task AuthenticateAsync_SilentPeer_EndsWithCancellation()
    {
        (Stream client, Stream server) = await PairAsync();
        await using Stream silent = server;
        using var cancel = new CancellationTokenSource();
        Task<TlsStream> dialling = _dialer.AuthenticateAsync(client, Target(Catalog), null, cancel.Token).AsTask();
        Assert.True(await server.ReadAsync(new byte[1], Stop) == 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialling.WaitAsync(TimeSpan.FromSeconds(30), Stop));
        Assert.False(client.CanRead);
    }

    private static async Task<(Stream Client, Stream Server)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Stop);
        TcpClient server = await listener.AcceptTcpClientAsync(Stop);
        return (client.GetStream(), server.GetStream());
    }

    private static async Task<string> GetAsync(SslStream tls)
    {
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: catalog\r\n\r\n"u8.ToArray(), Stop);
        byte[] head = new byte[12];
        await tls.ReadExactlyAsync(head, Stop);
        return Encoding.ASCII.GetString(head);
    }

    private static CredentialStore Store(ManualCredentials? credentials) =>
        new(credentials is null ? null : _ => credentials, MeshIdentityMode.Permissive, TimeProvider.System);

    private TlsTarget Target(string identity) => new(PeerIdentity.Of(TestCa.Id(identity)), _ca.Trust);
}
