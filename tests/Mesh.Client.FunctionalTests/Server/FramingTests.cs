using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Server;

public sealed class FramingTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly TestCa _ca = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ManualCredentials Credentials => new(_ca.Issue(Catalog), _ca.Trust);

    public static TheoryData<bool, string?, string, string, string> Framings => new()
    {
        { false, null, "1.1", "http://server/", "http HTTP/1.1 - plain - -" },
        { false, null, "2.0", "http://server/", "http HTTP/2 - plain - -" },
        { true, "http/1.1", "1.1", "https://server/", $"https HTTP/1.1 {Web} tls feature certificate" },
        { true, "h2", "2.0", "https://server/", $"https HTTP/2 {Web} tls feature certificate" },
        { true, null, "1.1", "http://server/", $"https HTTP/1.1 {Web} tls feature certificate" },
        { true, null, "2.0", "http://server/", $"https HTTP/2 {Web} tls feature certificate" },
        // As HAProxy forwards h2c into TLS.
        { true, "h2", "2.0", "http://server/", $"https HTTP/2 {Web} tls feature certificate" },
    };

    [Theory]
    [MemberData(nameof(Framings))]
    public async Task OnePort_EachFraming_IsServed(bool tls, string? alpn, string version, string uri, string expected)
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials);
        var caller = new MeshCaller(server) { Tls = tls, Credential = _ca.Issue(Web), Alpn = alpn is null ? null : new(alpn) };
        using HttpMessageInvoker invoker = caller.Invoker();

        // Two on one connection: what is true of the first request must be of the next.
        Assert.Equal(expected, await MeshCaller.GetAsync(invoker, Version.Parse(version), uri));
        Assert.Equal(expected, await MeshCaller.GetAsync(invoker, Version.Parse(version), uri));
        Assert.StartsWith("http://127.0.0.1:", Assert.Single(server.Addresses));
        Assert.Empty(server.Warnings());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnePort_GrpcByPriorKnowledge_IsServed(bool tls)
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials);
        var caller = new MeshCaller(server) { Tls = tls, Credential = _ca.Issue(Web) };
        using GrpcChannel channel = GrpcChannel.ForAddress(
            "http://server", new GrpcChannelOptions { HttpHandler = Handler(caller), DisposeHttpClient = true });

        ProbeReply reply = await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest { Key = "k" }, cancellationToken: Stop);

        Assert.Equal("k", reply.Key);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n", "HTTP/1.1 200")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", "\0\0")]
    [InlineData("P", "")]
    public async Task Plaintext_AByteAtATime_IsServed(string text, string expected)
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials);
        await using NetworkStream stream = await server.ConnectAsync();
        foreach (byte one in Encoding.Latin1.GetBytes(text))
        {
            await stream.WriteAsync(new[] { one }, Stop);
            await stream.FlushAsync(Stop);
        }

        if (expected.Length == 0)
        {
            stream.Socket.Shutdown(SocketShutdown.Send);
        }

        byte[] answer = new byte[64];
        int length = await stream.ReadAtLeastAsync(answer, Math.Max(1, expected.Length), throwOnEndOfStream: false, Stop);

        Assert.StartsWith(expected, Encoding.Latin1.GetString(answer, 0, length), StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, length == 0);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Tls_AByteAtATime_IsServed(string version)
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials);
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web), Dribbles = true };

        Assert.StartsWith($"https HTTP/{version[0]}", await caller.GetAsync(Version.Parse(version)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SilentClient_AfterTenSeconds_IsClosed(bool afterHandshake)
    {
        var clock = new RecordingClock();
        var ca = new TestCa(clock);
        await using MeshServer server = await MeshServer.StartAsync(new ManualCredentials(ca.Issue(Catalog), ca.Trust), time: clock);
        await using Stream stream = await new MeshCaller(server) { Tls = afterHandshake, Credential = ca.Issue(Web) }.ConnectAsync(Stop);
        int waits = afterHandshake ? 2 : 1;
        await Eventually.TrueAsync(() => clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(10)) == waits);
        ValueTask<int> end = stream.ReadAsync(new byte[1], Stop);

        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(end.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(0, await end);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task NoSource_OnePort_TakesPlaintextOnly()
    {
        await using MeshServer server = await MeshServer.StartAsync(null);

        Assert.Equal("http HTTP/1.1 - plain - -", await new MeshCaller(server) { Tls = false }.GetAsync(HttpVersion.Version11));
        Assert.Equal("http HTTP/2 - plain - -", await new MeshCaller(server) { Tls = false }.GetAsync(HttpVersion.Version20));
        Assert.False(await new MeshCaller(server).IsServedAsync());
        Assert.False(await new MeshCaller(server).IsServedAsync());
        await Eventually.TrueAsync(() => server.Refused("tls") == 2);
        Assert.Contains("Identity:Source is None", Assert.Single(server.Warnings()));
    }

    [Fact]
    public async Task Strict_Plaintext_IsRefused()
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials, MeshIdentityMode.Strict);

        Assert.False(await new MeshCaller(server) { Tls = false }.IsServedAsync());
        Assert.False(await new MeshCaller(server) { Tls = false }.IsServedAsync());
        Assert.True(await new MeshCaller(server) { Credential = _ca.Issue(Web) }.IsServedAsync());
        await Eventually.TrueAsync(() => server.Refused("plaintext") >= 2);
        string warning = Assert.Single(server.Warnings());
        Assert.Contains("127.0.0.1", warning);
        Assert.Contains("Strict", warning);
    }

    private static SocketsHttpHandler Handler(MeshCaller caller) =>
        new() { ConnectCallback = async (_, stop) => await caller.ConnectAsync(stop) };
}
