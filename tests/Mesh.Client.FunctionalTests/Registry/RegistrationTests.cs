using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Model;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>Servers that register themselves, and the clients that reach them by name.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instances_OfTwoServices_AreCalledByName()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using MeshServer catalog = await RegistryHost.StartInstanceAsync(
            controlPlane.Address.Port, "catalog", "catalog-1", settings: new()
            {
                ["Server:Zone"] = "a",
                ["Server:Weight"] = "7",
                ["Server:Labels:version"] = "v2",
            });
        await using MeshServer orders = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "orders.default", "orders-1");
        await using MeshHost client = await RegistryHost.StartClientAsync(controlPlane.Address.Port);

        Assert.Equal("catalog-1", await client.WhoAsync());
        Assert.Equal("orders-1", await client.Client().GetStringAsync(new Uri("http://orders/who"), Stop));

        Endpoint endpoint = Assert.Single(client.Snapshot()!.Set.Endpoints);
        Assert.Equal(
            ($"127.0.0.1:{catalog.Port}", "a", 7, "catalog-1", "v2"),
            (endpoint.Address.Text, endpoint.Zone, endpoint.Weight, endpoint.HashKey, endpoint.Labels["version"]));
        Assert.Equal(EndpointTransport.Plaintext, endpoint.Transport);
        Assert.Single(catalog.Logs.GetSnapshot(), record => record.Id.Name == "Registered");
    }

    [Fact]
    public async Task Instance_Joins_AndLeavesBeforeItsPortCloses()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using MeshServer first = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-1");
        await using MeshHost client = await RegistryHost.StartClientAsync(controlPlane.Address.Port);
        Assert.Equal("catalog-1", await client.WhoAsync());
        (bool Gone, bool Listens) atStop = default;
        int port = 0;
        await using MeshServer second = await RegistryHost.StartInstanceAsync(
            controlPlane.Address.Port,
            "catalog",
            "catalog-2",
            map: app => app.Lifetime.ApplicationStopping.Register(() =>
            {
                // Hosted services that are told of the stop come before.
                atStop.Gone = controlPlane.Logs.GetSnapshot().Any(record =>
                    record.Id.Name == "InstanceGone" && record.Message.EndsWith(": left.", StringComparison.Ordinal));
                using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
                probe.Connect("127.0.0.1", port);
                atStop.Listens = probe.Connected;
            }));
        port = second.Port;
        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 2);

        await second.StopAsync();

        Assert.Equal((true, true), atStop);
        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 1);
        Assert.Equal("catalog-1", await client.WhoAsync());
        Assert.Single(second.Logs.GetSnapshot(), record => record.Id.Name == "RegistrationLeft");
    }

    [Fact]
    public async Task Refused_IsLoggedOnce_AndTheServerServes()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(
            settings: new() { ["Services:catalog:Endpoints:0:Address"] = "10.0.0.1:80" });
        await using MeshServer server = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-1");

        await Eventually.TrueAsync(() => server.Logs.GetSnapshot().Any(record => record.Id.Name == "RegistrationRefused"));

        string warning = Assert.Single(server.Warnings());
        Assert.Contains("has its endpoints from the control plane's configuration, Mesh:Services", warning, StringComparison.Ordinal);
        Assert.Equal("plain", (await new MeshCaller(server) { Tls = false }.GetAsync(new Version(1, 1))).Split(' ')[3]);
    }

    [Fact]
    public async Task Server_WithAnIdentity_IsCalledByMutualTls_AlsoAfterItsNextCertificate()
    {
        var ca = new TestCa();
        ManualCredentials credentials = ca.Issue(SecureMesh.Catalog, ca);
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using MeshServer catalog = await RegistryHost.StartInstanceAsync(
            controlPlane.Address.Port, "catalog", "catalog-1", credentials);
        await using MeshHost client = await RegistryHost.StartClientAsync(controlPlane.Address.Port, ca.Issue(SecureMesh.Web, ca));

        string body = await client.Client().GetStringAsync("/", Stop);
        Assert.StartsWith($"https HTTP/1.1 {SecureMesh.Web} tls", body, StringComparison.Ordinal);
        EndpointTransport transport = Assert.Single(client.Snapshot()!.Set.Endpoints).Transport;
        Assert.Equal((Framing.MeshTls, SecureMesh.Catalog), (transport.Framing, transport.Peer!.Identity.Name));

        int Gone() => controlPlane.Logs.GetSnapshot().Count(record => record.Id.Name == "InstanceGone");

        credentials.Set(ca.Issue([SecureMesh.Catalog]), TestCa.TrustOf([ca]));
        await Eventually.TrueAsync(() => Gone() == 1);

        // The new registration took the old one's place: the service never was without.
        FakeLogRecord gone = controlPlane.Logs.GetSnapshot().Last(record => record.Id.Name == "InstanceGone");
        Assert.EndsWith(": replaced.", gone.Message, StringComparison.Ordinal);
        Assert.Single(client.Snapshot()!.Set.Endpoints);
    }
}
