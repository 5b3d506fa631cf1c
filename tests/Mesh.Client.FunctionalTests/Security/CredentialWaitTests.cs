using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Calls while there is no certificate of our own.</summary>
public sealed class CredentialWaitTests
{
    private readonly TestCa _ca = new();
    private readonly Posts _posts = new();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    [InlineData(Posts.Grpc)]
    public async Task Call_NoneYet_WaitsAndGoesThrough(string protocol)
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        var own = new ManualCredentials(null, _ca.Trust);
        await using MeshServer server = await StartServerAsync();
        await using MeshHost client = await SecureMesh.StartClientAsync(own, [SecureMesh.At(server.Port)], clock: clock);

        Task call = _posts.CallAsync(client, protocol);
        clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(call.IsCompleted);
        own.Set(_ca.Issue([SecureMesh.Web]), _ca.Trust);

        await call;
        Assert.Equal(1, server.Handshakes("verified"));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    [InlineData(Posts.Grpc)]
    public async Task Call_NoneInTime_FailsWithTheSourcesProblem(string protocol)
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        var own = new ManualCredentials(new CredentialUpdate { TrustBundle = _ca.Trust, Problem = "the token is missing" });
        await using BadPeer server = BadPeer.Start("silent", _ca);
        await using MeshHost client = await SecureMesh.StartClientAsync(own, [SecureMesh.At(server.Port)], clock: clock);

        Task call = _posts.CallAsync(client, protocol);
        await call.EndsAsync(clock);

        AssertNoCredential(await Assert.ThrowsAnyAsync<Exception>(() => call), "the token is missing");
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    [InlineData(Posts.Grpc)]
    public async Task Call_Expired_UsesNoConnectionUntilThereIsANewOne(string protocol)
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        ManualCredentials own = new(_ca.Issue(new TestLeaf(SecureMesh.Web) { Until = TimeSpan.FromHours(1) }), _ca.Trust);
        await using MeshServer server = await StartServerAsync();
        await using MeshHost client = await SecureMesh.StartClientAsync(own, [SecureMesh.At(server.Port)], clock: clock);
        await _posts.CallAsync(client, protocol);

        clock.Advance(TimeSpan.FromHours(2));
        int executed = _posts.Executed.Count;
        long handshakes = server.Handshakes("verified") + server.Handshakes("anonymous");
        Task call = _posts.CallAsync(client, protocol);
        await call.EndsAsync(clock);

        AssertNoCredential(await Assert.ThrowsAnyAsync<Exception>(() => call), "our certificate expired at");
        Assert.Equal(executed, _posts.Executed.Count);
        Assert.Equal(handshakes, server.Handshakes("verified") + server.Handshakes("anonymous"));
        own.Set(_ca.Issue(new TestLeaf(SecureMesh.Web)), _ca.Trust);
        await Eventually.TrueAsync(() => client.Endpoint($"127.0.0.1:{server.Port}").State == "available");
        await _posts.CallAsync(client, protocol);
        Assert.Equal(handshakes + 1, server.Handshakes("verified"));
    }

    private static void AssertNoCredential(Exception error, string problem)
    {
        if (error is RpcException rpc)
        {
            Assert.Equal(StatusCode.Unavailable, rpc.StatusCode);
            Assert.Contains(problem, rpc.Status.Detail, StringComparison.Ordinal);
        }
        else
        {
            MeshException mesh = Assert.IsType<MeshException>(error);
            Assert.Equal(MeshFailure.NoCredential, mesh.Reason);
            Assert.Contains(problem, mesh.Message, StringComparison.Ordinal);
        }
    }

    private Task<MeshServer> StartServerAsync() => MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
}
