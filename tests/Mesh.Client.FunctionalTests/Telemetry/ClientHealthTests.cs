using System.Diagnostics.Metrics;
using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

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

    [Fact]
    public async Task Credential_ThatIsMissing_IsUnhealthyAndSaysWhy()
    {
        var none = new ManualCredentials(new CredentialUpdate { TrustBundle = new TestCa().Trust, Problem = "the token is missing" });
        await using MeshHost mesh = await StartAsync(none, TimeProvider.System);

        await Eventually.TrueAsync(
            async () => (await CheckAsync(mesh)).Description?.Contains("the token is missing", StringComparison.Ordinal) == true);
        HealthReportEntry entry = await CheckAsync(mesh);
        Assert.Equal((HealthStatus.Unhealthy, "missing"), (entry.Status, entry.Data["credential"]));
    }

    [Fact]
    public async Task Credential_ThatExpires_IsUnhealthyFromThenOn()
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        var ca = new TestCa();
        await using MeshHost mesh = await StartAsync(new ManualCredentials(ca.Issue([SecureMesh.Web]), ca.Trust), clock);
        await Eventually.TrueAsync(async () => (await CheckAsync(mesh)).Status is HealthStatus.Healthy);
        Assert.StartsWith("valid until", (string)(await CheckAsync(mesh)).Data["credential"], StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromHours(25));

        HealthReportEntry entry = await CheckAsync(mesh);
        Assert.Equal((HealthStatus.Unhealthy, "missing"), (entry.Status, entry.Data["credential"]));
    }

    [Fact]
    public async Task Registry_LostByAServer_IsDegradedAndItsStreamWaitsUntilItIsBack()
    {
        InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        int port = controlPlane.Address.Port;
        await using MeshServer server = await MeshServerAsync(port);
        using var streams = new MetricCollector<int>(
            server.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.control_plane.streams");
        await Eventually.TrueAsync(() => State(streams) is "open");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(server.Services)).Status);

        await controlPlane.DisposeAsync();

        await Eventually.TrueAsync(() => State(streams) is "waiting");
        await Eventually.TrueAsync(async () => (await CheckAsync(server.Services)).Status is HealthStatus.Degraded);
        await using InProcessServer back = await RegistryHost.StartControlPlaneAsync(port);
        await Eventually.TrueAsync(async () => (await CheckAsync(server.Services)).Status is HealthStatus.Healthy);
        Assert.Equal("open", State(streams));
        Assert.Equal(1, streams.GetMeasurementSnapshot().Sum(told => told.Value));
    }

    private static Task<MeshServer> MeshServerAsync(int controlPlane) => RegistryHost.StartInstanceAsync(
        controlPlane,
        "catalog",
        "catalog-1",
        configure: builder =>
        {
            builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
            builder.Services.AddHealthChecks().AddMeshClient();
        });

    private static string? State(MetricCollector<int> streams)
    {
        streams.Clear();
        streams.RecordObservableInstruments();
        return (string?)streams.GetMeasurementSnapshot().LastOrDefault(told => told.Value > 0)?.Tags["mesh.stream.state"];
    }

    private static Task<MeshHost> StartAsync(ManualCredentials credentials, TimeProvider clock) => MeshHost.StartAsync(
        [],
        collection => collection.AddSingleton(new CredentialStore(_ => credentials, MeshIdentityMode.Permissive, clock))
            .AddHealthChecks().AddMeshClient(),
        clock);

    private static Task<MeshHost> StartAsync(MeshSettings settings, Action<IList<string>>? services = null) => MeshHost.StartAsync(
        settings, collection => collection.AddHealthChecks().AddMeshClient(options => services?.Invoke(options.Services)));

    private static Task<HealthReportEntry> CheckAsync(MeshHost mesh) => CheckAsync(mesh.Services);

    private static async Task<HealthReportEntry> CheckAsync(IServiceProvider services) =>
        (await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["mesh-client"];
}
