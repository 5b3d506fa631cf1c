using System.Diagnostics.Metrics;
using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>Whether this process has what it needs to call others.</summary>
public sealed class ClientHealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConfiguredService_IsKnown_IsHealthyWhateverItsEndpointsDo()
    {
        await using MeshHost mesh = await StartAsync([("Services:catalog:Endpoints:0:Address", DeadPort.TakeAddress())]);

        HealthReportEntry entry = await CheckAsync(mesh);

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal("known", entry.Data["catalog.default.svc.cluster.local:80"]);
        Assert.Contains("ready", entry.Tags);
    }

    [Fact]
    public async Task NamedService_ThatNobodyKnows_IsUnhealthy()
    {
        await using MeshHost mesh = await StartAsync([], services => services.Add("orders"));

        HealthReportEntry entry = await CheckAsync(mesh);

        Assert.Equal((HealthStatus.Unhealthy, "not_found"), (entry.Status, entry.Data["orders"]));
        Assert.Contains("orders", entry.Description!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ControlPlane_NeverHeard_IsUnhealthy()
    {
        string nobody = DeadPort.TakeAddress();
        await using MeshHost mesh = await StartAsync(
            [("ControlPlane:Address", $"http://{nobody}"), ("Services:catalog:Port", "80")]);

        await Eventually.TrueAsync(async () =>
            (await CheckAsync(mesh)).Data.TryGetValue($"control plane http://{nobody}", out object? state) && (string)state == "lost");
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(mesh)).Status);
    }

    [Fact]
    public async Task ControlPlane_LostAfterItSpoke_IsDegradedAndItsStreamsWait()
    {
        using var folder = new TemporaryFolder();
        TestNodeProcess controlPlane = await TestNodeProcess.ControlPlaneAsync(folder.Write(
            "services.json", """{ "Mesh:Services:catalog:Endpoints:0:Address": "127.0.0.1:9" }"""));
        string address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{controlPlane.Port}");
        await using MeshHost mesh = await StartAsync([("ControlPlane:Address", address), ("Services:catalog:Port", "80")]);
        using var streams = new MetricCollector<int>(
            mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.control_plane.streams");
        await Eventually.TrueAsync(async () => (await CheckAsync(mesh)).Status is HealthStatus.Healthy);
        Assert.Equal("open", State(streams));

        await controlPlane.DisposeAsync();

        await Eventually.TrueAsync(async () => (await CheckAsync(mesh)).Status is HealthStatus.Degraded);
        HealthReportEntry entry = await CheckAsync(mesh);
        Assert.Equal("known", entry.Data["catalog.default.svc.cluster.local:80"]);
        Assert.Contains("the last state stands", entry.Description!, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => State(streams) is "waiting" or "connecting");
    }

    private static string? State(MetricCollector<int> streams)
    {
        streams.Clear();
        streams.RecordObservableInstruments();
        return (string?)streams.LastMeasurement?.Tags["mesh.stream.state"];
    }

    private static Task<MeshHost> StartAsync(MeshSettings settings, Action<IList<string>>? services = null) => MeshHost.StartAsync(
        settings, collection => collection.AddHealthChecks().AddMeshClient(options => services?.Invoke(options.Services)));

    private static async Task<HealthReportEntry> CheckAsync(MeshHost mesh) =>
        (await mesh.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["mesh-client"];
}
