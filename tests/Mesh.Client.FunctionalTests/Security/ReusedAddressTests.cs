using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>An address that another workload has taken over.</summary>
public sealed class ReusedAddressTests
{
    private readonly TestCa _ca = new();
    private readonly ManualSource _source = new();
    private readonly Posts _posts = new();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Call_SameAddressOtherIdentity_NeverTakesTheOldConnection(string protocol)
    {
        ManualCredentials shown = _ca.Issue(SecureMesh.Catalog, _ca);
        await using MeshServer server = await MeshServer.StartAsync(shown, map: _posts.Map);
        await using MeshHost client = await StartAsync(server.Port);
        await _posts.CallAsync(client, protocol);
        EndpointRuntime before = Assert.Single(client.Service().Snapshot.Endpoints);

        // The old connection is open still, and the server shows the old name: it must not be asked.
        _source.Set(At(server.Port, BadPeer.Other));
        await Eventually.TrueAsync(() => client.Service().Snapshot.Endpoints is [var now] && !ReferenceEquals(now, before));
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => _posts.CallAsync(client, protocol));

        Assert.Contains($"expected {BadPeer.Other}, presented {SecureMesh.Catalog}", error.Message, StringComparison.Ordinal);
        Assert.Single(_posts.Executed);
        await Eventually.TrueAsync(() => server.Connections == 0);

        // Now the other workload is there in truth.
        shown.Set(_ca.Issue([BadPeer.Other]), _ca.Trust);
        await Eventually.TrueAsync(() => client.Endpoint($"127.0.0.1:{server.Port}").State == "available");
        await _posts.CallAsync(client, protocol);
        Assert.Equal(2, _posts.Executed.Count);
    }

    private static EndpointSet At(int port, string identity)
    {
        Assert.True(EndpointAddress.TryParse($"127.0.0.1:{port}", out EndpointAddress? address));
        return EndpointSet.Known(
        [
            new Endpoint(address) { Transport = new EndpointTransport(Framing.MeshTls) { Peer = PeerIdentity.Of(TestCa.Id(identity)) } },
        ]);
    }

    private Task<MeshHost> StartAsync(int port)
    {
        _source.Set(At(port, SecureMesh.Catalog));
        ManualCredentials own = _ca.Issue(SecureMesh.Web, _ca);
        return MeshHost.StartAsync([], services => services
            .AddSingleton<IEndpointSource>(_source)
            .AddSingleton(new CredentialStore(_ => own, MeshIdentityMode.Permissive, TimeProvider.System)));
    }
}
