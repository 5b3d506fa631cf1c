using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.FunctionalTests.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A password that stands in a control plane's address is shown nowhere.</summary>
public sealed class ControlPlaneSecretTests
{
    private const string Planted = "pl4nted";

    private readonly ConcurrentQueue<string> _said = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_WhoseControlPlaneIsOutOfReach_SaysNoPassword()
    {
        using var dead = new DeadPort();
        using MeterListener listener = Listen();
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("ControlPlane:Address", With(dead.Port)), ("Services:catalog:Port", "80")],
            services => services.AddHealthChecks().AddMeshClient());

        _said.Enqueue((await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Stop))).ToString());
        HealthReport report = await mesh.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Stop);
        foreach (HealthReportEntry entry in report.Entries.Values)
        {
            _said.Enqueue($"{entry.Description} {entry.Exception} {string.Join(' ', entry.Data)}");
        }

        listener.RecordObservableInstruments();
        Say(mesh.Logs);

        // The address itself is told: in health data, as an attribute, in a message and in a log line.
        string address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{dead.Port}");
        Assert.True(_said.Count(text => text.Contains(address, StringComparison.Ordinal)) >= 4, string.Join('\n', _said));
        Assert.DoesNotContain(_said, text => text.Contains(Planted, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_ThatRegistersAndLosesItsRegistry_SaysNoPassword()
    {
        InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        int port = controlPlane.Address.Port;
        await using MeshServer server = await RegistryHost.StartInstanceAsync(
            port, "catalog", "catalog-1", settings: [("ControlPlane:Address", With(port))]);
        await Eventually.TrueAsync(() => Has(server, "Registered"));

        await controlPlane.DisposeAsync();
        await Eventually.TrueAsync(() => Has(server, "RegistrationLost"));

        Say(server.Logs);
        Assert.DoesNotContain(_said, text => text.Contains(Planted, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ControlPlane_ThatMayNotBeAsked_IsRefusedWithoutItsPassword()
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => MeshHost.StartAsync(
            [],
            services => Mesh(services).AddControlPlane(new Uri(With(1)), "a.b.serviceaccount.identity.linkerd.cluster.local")));
        Assert.Contains("http://127.0.0.1:1", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Planted, refused.ToString(), StringComparison.Ordinal);

        refused = Assert.Throws<ArgumentException>(
            () => Mesh(new ServiceCollection()).AddControlPlane(new Uri($"ftp://user:{Planted}@127.0.0.1")));
        Assert.DoesNotContain(Planted, refused.ToString(), StringComparison.Ordinal);
    }

    private static IMeshClientBuilder Mesh(IServiceCollection services) =>
        services.AddMeshClient(new ConfigurationManager().GetSection("Mesh"));

    private static string With(int port) => string.Create(CultureInfo.InvariantCulture, $"http://user:{Planted}@127.0.0.1:{port}");

    private static bool Has(MeshServer server, string name) => server.Logs.GetSnapshot().Any(record => record.Id.Name == name);

    private void Say(FakeLogCollector logs)
    {
        foreach (FakeLogRecord record in logs.GetSnapshot())
        {
            _said.Enqueue($"{record.Message} {record.Exception} {string.Join(' ', record.StructuredState ?? [])}");
        }
    }

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name.StartsWith("Mesh.", StringComparison.Ordinal))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Say(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Say(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Say(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private void Say<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _said.Enqueue($"{instrument.Name} {value} {string.Join(' ', tags.ToArray())}");
}
