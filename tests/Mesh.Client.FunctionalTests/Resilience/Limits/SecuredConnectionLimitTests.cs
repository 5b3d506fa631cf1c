using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>The same over TLS: connections of both protocols and of every certificate of ours count as one.</summary>
public sealed class SecuredConnectionLimitTests
{
    private readonly TestCa _ca = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _now;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Framing.MeshTls, false)]
    [InlineData(Framing.MeshTls, true)]
    [InlineData(Framing.Https, false)]
    [InlineData(Framing.Https, true)]
    public async Task BothProtocols_CountTogether(Framing framing, bool http2First)
    {
        await using MeshServer server = await StartServerAsync();
        await using MeshHost mesh = await StartClientAsync(server, _ca.Issue(SecureMesh.Web, _ca), framing, max: 2);
        Task<HttpResponseMessage>[] held = [HoldAsync(mesh, http2First), HoldAsync(mesh, !http2First)];
        await Eventually.TrueAsync(() => _now == 2);

        MeshException refused = await Assert.ThrowsAsync<MeshException>(() => HoldAsync(mesh, http2: false));

        Assert.Equal((MeshFailure.Limit, nameof(MeshLimitOptions.MaxConnectionsPerEndpoint)), (refused.Reason, refused.Limit));
        Assert.Equal("available", mesh.Service().Snapshot.Endpoints[0].State);
        Task<HttpResponseMessage> shared = HoldAsync(mesh, http2: true);
        await Eventually.TrueAsync(() => _now == 3);
        Assert.Equal(2, server.Connections);
        _release.SetResult();
        (await Task.WhenAll([.. held, shared])).ToList().ForEach(response => response.Dispose());
        (await HoldAsync(mesh, http2: false)).Dispose();
    }

    [Fact]
    public async Task ConnectionsOfAnEarlierCertificate_CountUntilTheyAreClosed()
    {
        await using MeshServer server = await StartServerAsync();
        ManualCredentials credentials = _ca.Issue(SecureMesh.Web, _ca);
        await using MeshHost mesh = await StartClientAsync(server, credentials, Framing.MeshTls, max: 1);
        Task<HttpResponseMessage> held = HoldAsync(mesh, http2: false);
        await Eventually.TrueAsync(() => _now == 1);
        var endpoint = mesh.Service().Snapshot.Endpoints[0];
        endpoint.Renew(endpoint.Pool);

        Assert.Equal(MeshFailure.Limit, (await Assert.ThrowsAsync<MeshException>(() => HoldAsync(mesh, http2: false))).Reason);

        _release.SetResult();
        (await held).Dispose();
        (await HoldAsync(mesh, http2: false)).Dispose();
    }

    [Fact]
    public async Task HandshakeFails_GivesItsPlaceBack()
    {
        await using MeshServer server = await StartServerAsync();
        await using MeshHost mesh = await StartClientAsync(
            server,
            _ca.Issue(SecureMesh.Web, _ca),
            Framing.MeshTls,
            max: 1,
            identity: "other.shop.serviceaccount.identity.linkerd.cluster.local");

        MeshException failed = await Assert.ThrowsAsync<MeshException>(() => HoldAsync(mesh, http2: false));

        Assert.Equal(MeshFailure.NoEndpoint, failed.Reason);
        Assert.Equal(0, mesh.Service().Snapshot.Endpoints[0].Connections);
    }

    private Task<MeshServer> StartServerAsync() =>
        MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: app => app.MapGet("/hold", async () =>
        {
            Interlocked.Increment(ref _now);
            await _release.Task.WaitAsync(Stop);
            return "ok";
        }));

    private static Task<MeshHost> StartClientAsync(
        MeshServer server, ManualCredentials credentials, Framing framing, int max, string identity = SecureMesh.Catalog) =>
        SecureMesh.StartClientAsync(credentials, [SecureMesh.At(server.Port, identity, framing)], catalog =>
        {
            catalog.Port = 80;
            catalog.Limits = new MeshLimitOptions { MaxConnectionsPerEndpoint = max };
        });

    private static async Task<HttpResponseMessage> HoldAsync(MeshHost mesh, bool http2)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/hold")
        {
            Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await mesh.Client().SendAsync(request, Stop);
    }
}
