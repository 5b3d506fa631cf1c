using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.AspNetCore.SelfRegistration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A control plane of several replicas behind one name: instances are known to each, and clients at home with any.</summary>
public sealed class ReplicaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReplicaNames _names = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Instance_RegistersWithEachReplica_AndLeavesAll()
    {
        await using InProcessServer first = await RegistryHost.StartControlPlaneAsync();
        int port = first.Address.Port;
        await using InProcessServer second = await RegistryHost.StartControlPlaneAsync(port, ip: ReplicaNames.Second);
        await using MeshServer server = await _names.StartInstanceAsync(port, "catalog-1");

        await Eventually.TrueAsync(() => Held(first) == 1 && Held(second) == 1);
        ReplicaRegistrations own = Registrations(server);
        await Eventually.TrueAsync(() => (own.State, own.Registered, own.Replicas) == ("registered", 2, 2));
        await server.StopAsync();

        Assert.Equal((0, 0), (Held(first), Held(second)));
        Assert.Single(server.Logs.GetSnapshot(), record => record.Id.Name == "RegistrationLeft");
        Assert.Empty(server.Warnings());
        Assert.All([first, second], replica => Assert.EndsWith(": left.", Gone(replica), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replica_Joins_AndOneThatIsNamedNoMoreKeepsItsStreamUntilItEnds()
    {
        await using InProcessServer first = await RegistryHost.StartControlPlaneAsync();
        int port = first.Address.Port;
        _names.Addresses = [ReplicaNames.First];
        await using MeshServer server = await _names.StartInstanceAsync(port, "catalog-1");
        await Eventually.TrueAsync(() => Held(first) == 1);
        InProcessServer second = await RegistryHost.StartControlPlaneAsync(port, ip: ReplicaNames.Second);
        _names.Addresses = [ReplicaNames.Second];
        await Eventually.TrueAsync(() => Held(second) == 1);

        // Who stops, or is not ready for a moment, is named no more: its clients must not lose the instance.
        int asked = _names.Asked;
        await Eventually.TrueAsync(() => _names.Asked > asked + 1);
        Assert.Equal(1, Held(first));
        _names.Addresses = [ReplicaNames.First];
        await second.DisposeAsync();

        await Eventually.TrueAsync(() => Registrations(server) is { Replicas: 1, Registered: 1 });
        Assert.Equal(1, Held(first));
    }

    [Fact]
    public async Task NameServer_IsAway_AtTheStartAndLater()
    {
        await using InProcessServer first = await RegistryHost.StartControlPlaneAsync();
        _names.Addresses = [];
        await using MeshServer server = await _names.StartInstanceAsync(first.Address.Port, "catalog-1");
        await Eventually.TrueAsync(() => _names.Asked > 2);
        Assert.Contains("control-plane.test: ", Assert.Single(server.Warnings()), StringComparison.Ordinal);
        Assert.Equal("waiting", Registrations(server).State);

        _names.Addresses = [ReplicaNames.First];
        await Eventually.TrueAsync(() => Held(first) == 1);
        _names.Addresses = [];
        int asked = _names.Asked;
        await Eventually.TrueAsync(() => _names.Asked > asked + 1);

        Assert.Equal((1, "registered"), (Held(first), Registrations(server).State));
        Assert.Single(server.Warnings());
    }

    [Fact]
    public async Task OneProcess_BehindTwoAddresses_IsRegisteredWithOnce()
    {
        InProcessServer both = await RegistryHost.StartControlPlaneAsync(ip: IPAddress.Any);
        int port = both.Address.Port;
        using MetricCollector<double> ended = new(
            both.Services.GetRequiredService<IMeterFactory>(), "Microsoft.AspNetCore.Hosting", "http.server.request.duration");
        await using MeshServer server = await _names.StartInstanceAsync(port, "catalog-1");
        await Eventually.TrueAsync(() => Registrations(server) is { Replicas: 1, Registered: 1 });

        int asked = _names.Asked;
        await Eventually.TrueAsync(() => _names.Asked > asked + 1);

        // The other address was asked whom it leads to, once.
        Assert.Equal((1, 1), (Held(both), both.Logs.GetSnapshot().Count(record => record.Id.Name == "InstanceRegistered")));
        Assert.Single(ended.GetMeasurementSnapshot());
        Assert.Empty(server.Warnings());

        // It is asked again as soon as the first leads nowhere.
        IPAddress other = server.Logs.GetSnapshot().Single(record => record.Id.Name == "Registered").Message
            .EndsWith($"at {ReplicaNames.First}.", StringComparison.Ordinal) ? ReplicaNames.Second : ReplicaNames.First;
        await both.DisposeAsync();
        await using InProcessServer next = await RegistryHost.StartControlPlaneAsync(port, ip: other);

        await Eventually.TrueAsync(() => Held(next) == 1);
    }

    [Fact]
    public async Task OneOfTwo_IsKilledUnderLoad_AndComesBack_CostsNoCall()
    {
        string settings = _folder.Write("control-plane.json", JsonSerializer.Serialize(new Dictionary<string, string>()));
        await using TestNodeProcess first = await TestNodeProcess.ControlPlaneAsync(settings);
        TestNodeProcess second = await TestNodeProcess.ControlPlaneAsync(settings, first.Port, "127.0.0.2");
        await using MeshServer one = await _names.StartInstanceAsync(first.Port, "catalog-1");
        await using MeshServer two = await _names.StartInstanceAsync(first.Port, "catalog-2");
        await Eventually.TrueAsync(() => Registrations(one).Registered == 2 && Registrations(two).Registered == 2);
        MeshHost[] clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _names.StartClientAsync(first.Port)));
        foreach (MeshHost client in clients)
        {
            await client.WhoAsync();
            await Eventually.TrueAsync(() => client.Snapshot()!.Set is { Problem: null, Endpoints.Length: 2 } && Open(client) == 1);
        }

        using var stop = new CancellationTokenSource();
        Task<int>[] loads = [.. clients.Select(client => RestartTests.CallAsync(client, stop.Token))];
        long since = TimeProvider.System.GetTimestamp();

        await second.KillAsync();
        await Eventually.TrueAsync(() => Registrations(one).Registered == 1 && Registrations(two).Registered == 1);
        await Eventually.TrueAsync(() => clients.All(client => client.Snapshot()!.Set.Problem is null && Open(client) == 1));
        TimeSpan took = TimeProvider.System.GetElapsedTime(since);

        // Stated: 5 s, held in the long form. The short one runs beside the whole suite on busy machines.
        Assert.True(took < LongRun.Duration(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5)), $"It took {took}.");

        await using TestNodeProcess again = await TestNodeProcess.ControlPlaneAsync(settings, first.Port, "127.0.0.2");
        await Eventually.TrueAsync(() => Registrations(one).Registered == 2 && Registrations(two).Registered == 2);
        await using MeshHost late = await MeshHost.StartAsync([("ControlPlane:Address", $"http://127.0.0.2:{first.Port}")]);
        await late.WhoAsync();
        await Eventually.TrueAsync(() => late.Snapshot()!.Set.Endpoints.Length == 2);
        Assert.All(clients, client => Assert.Equal(2, client.Snapshot()!.Set.Endpoints.Length));
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(loads), calls => Assert.True(calls > 0));
        foreach (MeshHost client in clients)
        {
            await client.DisposeAsync();
        }

        await second.DisposeAsync();
    }

    [Fact]
    public async Task Streams_AreSharedAnew_SoThatAReplicaThatIsBackHasItsPart()
    {
        MeshSettings settings = new() { ["Services:catalog:Endpoints:0:Address"] = "10.0.0.1:80" };
        await using InProcessServer first = await RegistryHost.StartControlPlaneAsync(settings: settings);
        await using InProcessServer second =
            await RegistryHost.StartControlPlaneAsync(first.Address.Port, settings: settings, ip: ReplicaNames.Second);
        var time = new FakeTimeProvider();
        using var channel = new ControlPlaneChannel(new Uri(ReplicaNames.Address(first.Address.Port)), tls: null, _names);
        await using var reader = new StateReader(
            new DestinationSource(channel, "default", time, NullLogger.Instance), RegistryHost.Catalog);
        await reader.UntilAsync(state => state.Endpoints.Length == 1);
        ControlPlaneLoad[] loads = [Load(first), Load(second)];
        int before = Array.FindIndex(loads, load => load.Count(AskedFor.Endpoints) == 1);

        time.Advance(TimeSpan.FromMinutes(5));

        await Eventually.TrueAsync(() => loads[1 - before].Count(AskedFor.Endpoints) == 1 && loads[before].Count(AskedFor.Endpoints) == 0);
        Assert.Equal(1, channel.Streams.Count(StreamKind.Endpoints, StreamState.Open));
        Assert.Null(channel.Streams.Problem);
    }

    private static ControlPlaneLoad Load(InProcessServer replica) => replica.Services.GetRequiredService<ControlPlaneLoad>();

    private static int Open(MeshHost client) => client.Services.GetRequiredService<ControlPlanes>().Streams.Single()
        .Count(StreamKind.Endpoints, StreamState.Open);

    private static int Held(InProcessServer replica) => replica.Registry().All().Sum(service => service.State.Endpoints.Length);

    private static string Gone(InProcessServer replica) =>
        replica.Logs.GetSnapshot().Single(record => record.Id.Name == "InstanceGone").Message;

    private static ReplicaRegistrations Registrations(MeshServer server) =>
        server.Services.GetServices<IHostedService>().OfType<ServerRegistration>().Single().Registrations!;
}
