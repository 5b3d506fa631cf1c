using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Connections that are made before the first call.</summary>
public sealed class WarmConnectionTests
{
    private readonly TestCa _ca = new();
    private readonly Posts _posts = new();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    [InlineData(Posts.Grpc)]
    public async Task FirstCall_TakesIt(string protocol)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        await using MeshHost client = await StartAsync(SecureMesh.StandingClock(), server.Port);
        await WarmAsync(client, server);

        await _posts.CallAsync(client, protocol);
        await _posts.CallAsync(client, protocol);

        Assert.Equal(1, server.Handshakes("verified"));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task FirstCall_Stale_MakesANewOne(string protocol)
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        await using MeshHost client = await StartAsync(clock, server.Port);
        await WarmAsync(client, server);

        clock.Advance(TimeSpan.FromSeconds(5.1));
        await _posts.CallAsync(client, protocol);

        Assert.Equal(2, server.Handshakes("verified"));
        await Eventually.TrueAsync(() => server.Connections == 1);
    }

    [Fact]
    public async Task DeadAndWrongEndpoints_AreKnownBeforeTheFirstCall()
    {
        using var dead = new DeadPort();
        await using BadPeer wrong = BadPeer.Start("somebody else", _ca);
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        await using MeshHost client = await StartAsync(SecureMesh.StandingClock(), dead.Port, wrong.Port, server.Port);

        await Eventually.TrueAsync(() => client.Service().Snapshot.Endpoints.Count(endpoint => endpoint.State == "disconnected") == 2);
        MeshCallInfo? info = await _posts.CallAsync(client, "1.1", firstAt: wrong.Address);

        Assert.Equal($"127.0.0.1:{server.Port}", Assert.Single(info!.Attempts).Endpoint);
        Assert.Equal("", wrong.Heard);
    }

    private static Task WarmAsync(MeshHost client, MeshServer server) => Eventually.TrueAsync(
        () => client.Service().Snapshot.Endpoints is [{ Pool.IsWarm: true }] && server.Handshakes("verified") == 1);

    private Task<MeshHost> StartAsync(FakeTimeProvider clock, params int[] ports) => SecureMesh.StartClientAsync(
        _ca.Issue(SecureMesh.Web, _ca),
        ports.Select(port => SecureMesh.At(port)),
        catalog => catalog.WarmConnections = true,
        clock: clock);
}
