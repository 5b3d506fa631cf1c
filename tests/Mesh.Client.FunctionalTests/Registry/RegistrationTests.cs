using System.Net.Sockets;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.FunctionalTests.Endurance;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Model;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

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
                // Hosted services that are told of the stop come before; the client hears of it while the port is still open.
                atStop.Gone = SpinWait.SpinUntil(() => client.Snapshot()!.Set.Endpoints.Length == 1, TimeSpan.FromSeconds(30));
                using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
                probe.Connect("127.0.0.1", port);
                atStop.Listens = probe.Connected;
            }));
        port = second.Port;
        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 2);

        await second.StopAsync();

        Assert.Equal((true, true), atStop);
        Assert.Equal("catalog-1", await client.WhoAsync());
        Assert.Single(second.Logs.GetSnapshot(), record => record.Id.Name == "RegistrationLeft");
    }

    [Fact]
    public async Task Process_IsKilled_AndLeavesAtOnce()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using TestNodeProcess first = await TestNodeProcess.RegisteredAsync("catalog-1", controlPlane.Address.Port);
        await using TestNodeProcess second = await TestNodeProcess.RegisteredAsync("catalog-2", controlPlane.Address.Port);
        await using MeshHost client = await RegistryHost.StartClientAsync(controlPlane.Address.Port);
        await client.WhoAsync();
        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 2);

        await first.KillAsync();

        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 1);
        FakeLogRecord gone = Assert.Single(controlPlane.Logs.GetSnapshot(), record => record.Id.Name == "InstanceGone");

        // By the end of its stream, not by the heartbeats that are missing later.
        Assert.EndsWith(": lost.", gone.Message, StringComparison.Ordinal);
        Assert.Equal("catalog-2", await client.WhoAsync());
    }

    [Fact]
    public async Task LabelsAndWeights_DecideWhereKeysGo()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using MeshServer first = await RegistryHost.StartInstanceAsync(
            controlPlane.Address.Port, "catalog", "catalog-1", settings: new() { ["Server:Labels:pod"] = "pod-b" });
        await using MeshServer second = await RegistryHost.StartInstanceAsync(
            controlPlane.Address.Port,
            "catalog",
            "catalog-2",
            settings: new() { ["Server:Labels:pod"] = "pod-a", ["Server:Weight"] = "3" });
        await using MeshHost client = await RegistryHost.StartClientAsync(controlPlane.Address.Port, settings: new()
        {
            ["Services:catalog:LoadBalancing:Policy"] = "Maglev",
            ["Services:catalog:LoadBalancing:EndpointKey:Label"] = "pod",
        });
        await client.WhoAsync("any");
        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 2);
        var oracle = HashOracle.Maglev([("pod-a", 3), ("pod-b", 1)]);

        foreach (string key in Enumerable.Range(0, 50).Select(i => $"user-{i}"))
        {
            Assert.Equal(oracle.Of(key) == "pod-a" ? "catalog-2" : "catalog-1", await client.WhoAsync(key));
        }
    }

    [Fact]
    public async Task OwnAddress_IsWhatTheOptionsSay()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using MeshServer server = await RegistryHost.StartInstanceAsync(
            controlPlane.Address.Port, "catalog", "catalog-1", settings: new() { ["Server:Address"] = "127.0.0.2:4711" });

        await Eventually.TrueAsync(() => server.Logs.GetSnapshot().Any(record => record.Id.Name == "Registered"));

        FakeLogRecord registered = Assert.Single(controlPlane.Logs.GetSnapshot(), record => record.Id.Name == "InstanceRegistered");
        Assert.EndsWith("has registered at 127.0.0.2:4711.", registered.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_OnBothSides_ByOutcome()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(
            settings: new() { ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80" });
        using MetricCollector<long> held = new(
            controlPlane.Services.GetRequiredService<RegistryMetrics>().Meter, "mesh.registry.registrations");
        await using MeshServer refused = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "orders", "orders-1");
        await using MeshServer taken = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-1");
        using MetricCollector<long> own = new(
            taken.Services.GetRequiredService<RegistryMetrics>().Meter, "mesh.server.registrations");

        await Eventually.TrueAsync(() => Outcomes(held).Contains("refused") && Outcomes(held).Contains("registered"));
        await Eventually.TrueAsync(() => taken.Logs.GetSnapshot().Any(record => record.Id.Name == "Registered"));
        await taken.StopAsync();

        Assert.Equal(["left", "refused", "registered"], Outcomes(held).Order(StringComparer.Ordinal).Distinct());
        Assert.Equal("left", Outcomes(own).Last());
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
    public async Task TwoOfOneName_TheFirstKeepsIt_AndTheSecondHasItWhenTheFirstLeaves()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using MeshServer first = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-1");
        await Eventually.TrueAsync(() => Logged(first, "Registered") == 1);
        await using MeshServer second = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-1");
        using MetricCollector<long> held = new(
            controlPlane.Services.GetRequiredService<RegistryMetrics>().Meter, "mesh.registry.registrations");

        await Eventually.TrueAsync(() => Outcomes(held).Count(outcome => outcome == "refused") >= 3);
        Assert.Contains($"'catalog-1' is registered at 127.0.0.1:{first.Port}", Assert.Single(second.Warnings()), StringComparison.Ordinal);
        Assert.Empty(first.Warnings());
        await first.StopAsync();

        await Eventually.TrueAsync(() => Logged(second, "Registered") == 1);
        Assert.Single(second.Warnings());
    }

    [Fact]
    public async Task StopWhileTheControlPlaneIsAway_StillServesOnForItsLastClients()
    {
        var clock = new FakeTimeProvider();
        InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using MeshServer server = await MeshServer.StartAsync(
            credentials: null,
            time: clock,
            before: builder => ((IConfigurationBuilder)builder.Configuration).Add(new MeshSettings.Source(
            [
                ("ControlPlane:Address", controlPlane.Address.ToString()),
                ("Server:Service", "catalog"),
            ])),
            shutdownTimeout: TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(() => Logged(server, "Registered") == 1);
        await controlPlane.DisposeAsync();
        await Eventually.TrueAsync(() => Logged(server, "RegistrationLost") == 1);

        Task stopping = server.StopAsync();

        // It waits for a second of a clock that stands still.
        await Eventually.TrueAsync(() => Logged(server, "RegistrationLeft") == 1);
        Assert.Equal("plain", (await new MeshCaller(server) { Tls = false }.GetAsync(new Version(1, 1))).Split(' ')[3]);
        Assert.False(stopping.IsCompleted || server.IsStopping);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return stopping.IsCompleted;
        });
        await stopping;
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

    private static int Logged(MeshServer server, string name) => server.Logs.GetSnapshot().Count(record => record.Id.Name == name);

    private static string[] Outcomes(MetricCollector<long> counter) =>
        [.. counter.GetMeasurementSnapshot().Select(measured => (string)measured.Tags["mesh.outcome"]!)];
}
