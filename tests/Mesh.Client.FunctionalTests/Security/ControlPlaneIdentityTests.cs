using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Mesh.Client.Tests.Identity;
using Mesh.Client.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A control plane whose identity is known, asked over mutual TLS. The client's certificate comes from files.</summary>
public sealed class ControlPlaneIdentityTests : IDisposable
{
    private const string Destination = "destination.linkerd.serviceaccount.identity.linkerd.cluster.local";

    private readonly TestCa _ca = new();
    private readonly ManualSource _source = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Framing.MeshTls)]
    [InlineData(Framing.Https)]
    public async Task Endpoints_ArriveWithIdentityAndFraming_AndAreCalledByTls(Framing framing)
    {
        await using MeshServer catalog = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using MeshServer controlPlane = await StartControlPlaneAsync(Destination);
        Set(catalog.Port, framing);
        await using MeshHost client = await StartClientAsync($"http://127.0.0.1:{controlPlane.Port}");

        string body = await client.Client().GetStringAsync("/", Stop);

        Assert.StartsWith($"https HTTP/1.1 {SecureMesh.Web} tls", body, StringComparison.Ordinal);
        EndpointTarget target = Assert.Single(client.Service().Snapshot.Endpoints).Target;
        Assert.Equal((framing, SecureMesh.Catalog), (target.Transport.Framing, target.Transport.Peer!.Identity.Name));
        Assert.Equal(1, controlPlane.Handshakes("verified"));
    }

    [Fact]
    public async Task WrongIdentity_IsNotAskedAndTheErrorSaysWho()
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync(BadPeer.Other);
        Set(1, Framing.MeshTls);
        await using MeshHost client = await StartClientAsync($"http://127.0.0.1:{controlPlane.Port}");

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => client.Client().GetStringAsync("/", Stop));

        Assert.Equal(MeshFailure.DiscoveryUnavailable, error.Reason);
        Assert.Contains($"expected {Destination}, presented {BadPeer.Other}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{controlPlane.Port}", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _source.Asked);
    }

    [Theory]
    [InlineData("plaintext")]
    [InlineData("TLS 1.2")]
    [InlineData("expired")]
    [InlineData("other authority")]
    public async Task BadPeer_IsNotAsked(string kind)
    {
        await using BadPeer controlPlane = BadPeer.Start(kind, _ca);
        await using MeshHost client = await StartClientAsync($"http://{controlPlane.Address}");

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => client.Client().GetStringAsync("/", Stop));

        Assert.Equal(MeshFailure.DiscoveryUnavailable, error.Reason);
        Assert.Contains($"no TLS with {Destination}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Destination/Get", controlPlane.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/", controlPlane.Heard, StringComparison.Ordinal);
    }

    /// <summary>It goes through a control plane that could not read an identity itself: never as one that has none.</summary>
    [Fact]
    public async Task UnreadableIdentity_StaysUncallable()
    {
        await using RawServer there = RawServer.Silent();
        await using MeshServer controlPlane = await StartControlPlaneAsync(Destination);
        Set(there.Port, Framing.MeshTls, readable: false);
        await using MeshHost client = await StartClientAsync($"http://127.0.0.1:{controlPlane.Port}");

        await Assert.ThrowsAsync<MeshException>(() => client.Client().GetStringAsync("/", Stop));

        Assert.Equal(0, there.Connections);
        EndpointRuntime endpoint = Assert.Single(client.Service().Snapshot.Endpoints);
        Assert.Equal("not_secured", endpoint.State);
    }

    /// <summary>As before a certificate ends: nothing is lost and nobody is told so.</summary>
    [Fact]
    public async Task Renewed_ConnectionIsReplaced_AndChangesArriveOverTheNext()
    {
        await using MeshServer catalog = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using MeshServer controlPlane = await StartControlPlaneAsync(Destination);
        Set(1, Framing.MeshTls);
        await using MeshHost client = await StartClientAsync($"http://127.0.0.1:{controlPlane.Port}");
        await Eventually.TrueAsync(() => client.Service().Snapshot.Endpoints.Length == 1);
        TlsStream first = Assert.Single(client.Services.GetRequiredService<TlsConnections>().Open);

        Assert.IsType<ControlPlaneTls>(first.Owner).Renew();
        await Eventually.TrueAsync(() => controlPlane.Handshakes("verified") == 2);
        Set(catalog.Port, Framing.MeshTls);

        await Eventually.TrueAsync(() => client.Service().Snapshot.Endpoints.Any(endpoint => endpoint.Address.Port == catalog.Port));
        Assert.NotSame(first, Assert.Single(client.Services.GetRequiredService<TlsConnections>().Open));
        Assert.DoesNotContain(client.Logs.GetSnapshot(), record => record.Id.Name == "ControlPlaneLost");
    }

    private void Set(int port, Framing framing, bool readable = true)
    {
        Assert.True(EndpointAddress.TryParse($"127.0.0.1:{port}", out EndpointAddress? address));
        PeerIdentity? peer = readable ? PeerIdentity.Of(TestCa.Id(SecureMesh.Catalog)) : null;
        _source.Set(EndpointSet.Known([new Endpoint(address) { Transport = new EndpointTransport(framing) { Peer = peer } }]));
    }

    private Task<MeshServer> StartControlPlaneAsync(string identity) => MeshServer.StartAsync(
        _ca.Issue(identity, _ca),
        before: builder => builder.Services.AddSingleton<IEndpointSource>(_source).AddMeshControlPlane(),
        map: app => app.MapMeshControlPlane());

    private Task<MeshHost> StartClientAsync(string controlPlane)
    {
        Credential own = _ca.Issue([SecureMesh.Web]);
        return MeshHost.StartAsync(
        [
            ("ControlPlane:Address", controlPlane),
            ("ControlPlane:Identity", Destination),
            ("Identity:Source", "Files"),
            ("Identity:CertificateFile", _folder.Write("tls.crt", TestCa.ChainPem(own))),
            ("Identity:PrivateKeyFile", _folder.Write("tls.key", TestCa.KeyPem(own))),
            ("Identity:TrustBundle", _folder.Write("ca.crt", _ca.Root.ExportCertificatePem())),
        ]);
    }
}
