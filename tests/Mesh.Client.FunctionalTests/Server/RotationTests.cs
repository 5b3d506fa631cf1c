using System.Net;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Client.FunctionalTests.Server;

public sealed class RotationTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly RecordingClock _clock = new();
    private readonly TestCa _ca;
    private readonly Credential _first;
    private readonly ManualCredentials _credentials;

    public RotationTests()
    {
        _ca = new TestCa(_clock);
        _first = _ca.Issue(Catalog);
        _credentials = new ManualCredentials(_first, _ca.Trust);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task NewLeaf_UnderLoad_MovesEveryConnectionWithoutAFailure(string version)
    {
        await using MeshServer server = await MeshServer.StartAsync(_credentials, time: _clock);
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web) };
        using HttpMessageInvoker invoker = caller.Invoker();
        using var stop = new CancellationTokenSource();
        int calls = 0;
        Task[] load = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(LoadAsync))];
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) > 200);
        long before = server.Handshakes("verified");

        Credential second = _ca.Issue(new TestLeaf(Catalog) { Until = TimeSpan.FromHours(10) });
        _credentials.Set(second, _ca.Trust);
        var fresh = new MeshCaller(server) { Credential = caller.Credential };
        await Eventually.TrueAsync(() => fresh.IsServedAsync().GetAwaiter().GetResult() && fresh.Leaf == second.Leaf.Thumbprint);
        int old = server.OpenWith(_first);
        Assert.InRange(old, 1, 8);
        // A tenth of the life of the new one.
        await Eventually.TrueAsync(() => server.ClosesWithin(TimeSpan.FromHours(1.1)) >= old);
        _clock.Advance(TimeSpan.FromHours(1.1));
        await Eventually.TrueAsync(() => caller.Leaf == second.Leaf.Thumbprint && server.OpenWith(_first) == 0);
        await stop.CancelAsync();
        await Task.WhenAll(load);

        Assert.True(server.Handshakes("verified") > before);

        async Task LoadAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                // Content that is not sent again when a connection dies: every failure shows.
                using var request = new HttpRequestMessage(HttpMethod.Post, "http://server/")
                {
                    Version = Version.Parse(version),
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = new ByteArrayContent([1]),
                };
                using HttpResponseMessage response = await invoker.SendAsync(request, Stop);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                await response.Content.ReadAsStringAsync(Stop);
                Interlocked.Increment(ref calls);
            }
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task NewLeaf_IdleConnection_IsClosedWithinATenthOfItsLife(string version)
    {
        await using MeshServer server = await MeshServer.StartAsync(_credentials, time: _clock);
        using HttpMessageInvoker invoker = new MeshCaller(server) { Credential = _ca.Issue(Web) }.Invoker();
        await MeshCaller.GetAsync(invoker, Version.Parse(version));
        Assert.Equal(1, server.Connections);

        _credentials.Set(_ca.Issue(new TestLeaf(Catalog) { Until = TimeSpan.FromHours(10) }), _ca.Trust);
        await Eventually.TrueAsync(() => server.ClosesWithin(TimeSpan.FromHours(1.1)) == 1);
        Assert.Equal(1, server.Connections);
        _clock.Advance(TimeSpan.FromHours(1.1));
        // HTTP/1.1 has a little longer: to be told by an answer.
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return server.Connections == 0;
        });
    }

    [Fact]
    public async Task Closing_Http11_SaysItWithTheNextAnswer()
    {
        await using MeshServer server = await MeshServer.StartAsync(_credentials, time: _clock);
        await using Stream stream = await new MeshCaller(server) { Credential = _ca.Issue(Web) }.ConnectAsync(Stop);
        Assert.DoesNotContain("Connection: close", await SendAsync(stream));

        _credentials.Set(_ca.Issue(new TestLeaf(Catalog) { Until = TimeSpan.FromHours(10) }), _ca.Trust);
        await Eventually.TrueAsync(() => server.ClosesWithin(TimeSpan.FromHours(1.1)) == 1);
        _clock.Advance(TimeSpan.FromHours(1.1));

        Assert.Contains("Connection: close", await SendAsync(stream));
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Stop));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task ClientCertificate_AtNineTenthsOfItsLife_ConnectionIsClosed(string version)
    {
        await using MeshServer server = await MeshServer.StartAsync(_credentials, time: _clock);
        Credential web = _ca.Issue(new TestLeaf(Web) { Until = TimeSpan.FromHours(10) });
        using HttpMessageInvoker invoker = new MeshCaller(server) { Credential = web }.Invoker();
        await MeshCaller.GetAsync(invoker, Version.Parse(version));

        _clock.Advance(TimeSpan.FromHours(8.9));
        await MeshCaller.GetAsync(invoker, Version.Parse(version));
        Assert.Equal(1, server.Handshakes("verified"));
        _clock.Advance(TimeSpan.FromHours(0.11));

        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return server.Connections == 0;
        });
    }

    [Fact]
    public async Task AnchorRemoved_ItsConnections_AreAbortedAtOnce()
    {
        var other = new TestCa(_clock, "other");
        _credentials.Set(_first, TestCa.TrustOf(_ca, other));
        await using MeshServer server = await MeshServer.StartAsync(
            _credentials,
            time: _clock,
            map: app => app.MapGet("/wait", context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted)));
        using HttpMessageInvoker kept = new MeshCaller(server) { Credential = _ca.Issue(Web) }.Invoker();
        using HttpMessageInvoker gone = new MeshCaller(server) { Credential = other.Issue(Web) }.Invoker();
        await MeshCaller.GetAsync(kept, HttpVersion.Version20);
        await MeshCaller.GetAsync(gone, HttpVersion.Version20);
        Task<string> inFlight = MeshCaller.GetAsync(gone, HttpVersion.Version20, "http://server/wait");

        _credentials.Set(_first, _ca.Trust);

        await Assert.ThrowsAsync<HttpRequestException>(() => inFlight);
        await Eventually.TrueAsync(() => server.Connections == 1);
        await MeshCaller.GetAsync(kept, HttpVersion.Version20);
        Assert.Equal(2, server.Handshakes("verified"));
        // Logged once all of them have been ended.
        await Eventually.TrueAsync(() => server.Warnings().Any(
            warning => warning.StartsWith("1 connections were ended", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task NewAnchor_BesideTheOld_TouchesNothing()
    {
        await using MeshServer server = await MeshServer.StartAsync(_credentials, time: _clock);
        var other = new TestCa(_clock, "other");
        using HttpMessageInvoker kept = new MeshCaller(server) { Credential = _ca.Issue(Web) }.Invoker();
        await MeshCaller.GetAsync(kept, HttpVersion.Version20);
        var next = new MeshCaller(server) { Credential = other.Issue(Web) };
        Assert.False(await next.IsServedAsync());

        _credentials.Set(_first, TestCa.TrustOf(_ca, other));

        await Eventually.TrueAsync(() => next.IsServedAsync().GetAwaiter().GetResult());
        await MeshCaller.GetAsync(kept, HttpVersion.Version20);
        Assert.Equal(2, server.Handshakes("verified"));
    }

    private static async Task<string> SendAsync(Stream stream)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: server\r\n\r\n"), Stop);
        byte[] buffer = new byte[4096];
        var text = new StringBuilder();
        while (!text.ToString().Contains("feature certificate", StringComparison.Ordinal))
        {
            int length = await stream.ReadAsync(buffer, Stop);
            Assert.NotEqual(0, length);
            text.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }

        return text.ToString();
    }
}
