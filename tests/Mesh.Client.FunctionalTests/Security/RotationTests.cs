using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Certificates, keys and anchors that change under load.</summary>
public sealed class RotationTests
{
    private const int Callers = 8;

    private readonly TestCa _ca = new(name: "old");
    private readonly TestCa _next = new(name: "new");
    private readonly Posts _posts = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UnderLoad_LeafKeyAndAnchors_NoCallFailsAndNoneIsDoubled()
    {
        ManualCredentials theirs = new(Leaf(_ca, SecureMesh.Catalog), _ca.Trust);
        ManualCredentials ours = new(Leaf(_ca, SecureMesh.Web), _ca.Trust);
        await using MeshServer server = await MeshServer.StartAsync(theirs, map: _posts.Map);
        await using MeshHost client = await SecureMesh.StartClientAsync(ours, [SecureMesh.At(server.Port)]);
        TlsConnections open = client.Services.GetRequiredService<TlsConnections>();
        using var end = new CancellationTokenSource();
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(i => Task.Run(() => CallAsync(client, i % 2 == 0 ? "1.1" : "2.0", end)))];
        await MoreCallsAsync();

        await ChangedAsync(client, () => ours.Set(Leaf(_ca, SecureMesh.Web), _ca.Trust));
        TrustBundle both = TestCa.TrustOf(_ca, _next);
        theirs.Set(Leaf(_ca, SecureMesh.Catalog), both);
        ours.Set(Leaf(_ca, SecureMesh.Web), both);
        theirs.Set(Leaf(_next, SecureMesh.Catalog), both);
        await ChangedAsync(client, () => ours.Set(Leaf(_next, SecureMesh.Web), both));
        await MoreCallsAsync();
        theirs.Set(Leaf(_next, SecureMesh.Catalog), _next.Trust);
        ours.Set(Leaf(_next, SecureMesh.Web), _next.Trust);
        await MoreCallsAsync();

        await end.CancelAsync();
        await Task.WhenAll(callers);
        _posts.AssertOnce();
        Assert.Equal(0, server.Handshakes("refused"));
        Assert.True(server.Handshakes("verified") >= 6, $"{server.Handshakes("verified")} handshakes");

        // Those of the callers over HTTP/1.1 and one of HTTP/2; the old have drained.
        await Eventually.TrueAsync(() => open.Count <= (Callers / 2) + 1);
    }

    [Fact]
    public async Task NewLeaf_OldConnectionsDrain()
    {
        ManualCredentials ours = _ca.Issue(SecureMesh.Web, _ca);
        var release = new TaskCompletionSource();
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: app =>
        {
            _posts.Map(app);
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(app, "/held", () => release.Task);
        });
        await using MeshHost client = await SecureMesh.StartClientAsync(ours, [SecureMesh.At(server.Port)]);
        TlsConnections open = client.Services.GetRequiredService<TlsConnections>();
        Task<HttpResponseMessage> held = client.Client().GetAsync("/held", Stop);
        await Eventually.TrueAsync(() => open.Count == 1);

        // Short: due at once.
        await ChangedAsync(client, () => ours.Set(Leaf(_ca, SecureMesh.Web), _ca.Trust));
        await _posts.CallAsync(client, "2.0");
        Assert.Equal((2, 2), (open.Count, (int)server.Handshakes("verified")));
        Assert.False(held.IsCompleted);

        release.SetResult();
        Assert.Equal(200, (int)(await held).StatusCode);
        await Eventually.TrueAsync(() => open.Count == 1);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task RemovedAnchor_EndsConnectionsAtOnce(string protocol)
    {
        ManualCredentials ours = _ca.Issue(SecureMesh.Web, _ca, _next);
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        await using MeshHost client = await SecureMesh.StartClientAsync(ours, [SecureMesh.At(server.Port)]);
        TlsConnections open = client.Services.GetRequiredService<TlsConnections>();
        await _posts.CallAsync(client, protocol);
        Assert.Equal(1, open.Count);

        ours.Set(_ca.Issue([SecureMesh.Web]), _next.Trust);
        await Eventually.TrueAsync(() => open.Count == 0 && server.Connections == 0);
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => _posts.CallAsync(client, protocol));

        Assert.Contains("does not chain to a trust anchor", error.Message, StringComparison.Ordinal);
        Assert.Single(_posts.Executed);
    }

    // Its tenth is at most a second or two: what renews does so within that.
    private static Credential Leaf(TestCa ca, string identity) =>
        ca.Issue(new TestLeaf(identity) { From = TimeSpan.FromSeconds(-1), Until = TimeSpan.FromSeconds(11) });

    private static async Task ChangedAsync(MeshHost client, Action change)
    {
        EndpointRuntime endpoint = Assert.Single(client.Service().Snapshot.Endpoints);
        EndpointPool before = endpoint.Pool;
        change();
        await Eventually.TrueAsync(() => !ReferenceEquals(endpoint.Pool, before));
    }

    private async Task CallAsync(MeshHost client, string protocol, CancellationTokenSource end)
    {
        while (!end.IsCancellationRequested)
        {
            await _posts.CallAsync(client, protocol);
        }
    }

    private Task MoreCallsAsync()
    {
        int before = _posts.Executed.Count;
        return Eventually.TrueAsync(() => _posts.Executed.Count > before + (Callers * 10));
    }
}
