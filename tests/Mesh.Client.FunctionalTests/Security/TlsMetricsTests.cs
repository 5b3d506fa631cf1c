using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>What is measured of handshakes and of our certificate.</summary>
public sealed class TlsMetricsTests
{
    private readonly TestCa _ca = new();
    private readonly Posts _posts = new();

    [Fact]
    public async Task Handshakes_ByOutcome()
    {
        await using BadPeer wrong = BadPeer.Start("somebody else", _ca);
        await using BadPeer garbage = BadPeer.Start("garbage", _ca);
        await using MeshServer good = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);

        // The clock stands: nothing is tried again in the background.
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [SecureMesh.At(wrong.Port), SecureMesh.At(garbage.Port), SecureMesh.At(good.Port)],
            clock: SecureMesh.StandingClock());
        using MetricCollector<long> handshakes = new(
            client.Services.GetRequiredService<MeshMetrics>().Meter, "mesh.client.tls.handshakes");

        await _posts.CallAsync(client, "1.1", firstAt: wrong.Address);
        await _posts.CallAsync(client, "1.1", firstAt: garbage.Address);
        await _posts.CallAsync(client, "1.1");

        Assert.Equal(
            ["failed", "peer_refused", "success"],
            handshakes.GetMeasurementSnapshot().Select(measured => (string)measured.Tags["mesh.outcome"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task TimeLeft_IsOursAndNothingWithoutOne()
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        using var folder = new TemporaryFolder();
        Credential own = _ca.Issue([SecureMesh.Web]);
        await using MeshHost client = await MeshHost.StartAsync(
            [
                ("Identity:Source", "Files"),
                ("Identity:CertificateFile", folder.Write("tls.crt", TestCa.ChainPem(own))),
                ("Identity:PrivateKeyFile", folder.Write("tls.key", TestCa.KeyPem(own))),
                ("Identity:TrustBundle", folder.Write("ca.crt", _ca.Root.ExportCertificatePem())),
            ],
            clock: clock);
        using MetricCollector<double> left = new(
            client.Services.GetRequiredService<MeshMetrics>().Meter, "mesh.client.credential.time_left");
        using MetricCollector<double> anchor = new(
            client.Services.GetRequiredService<MeshMetrics>().Meter, "mesh.client.anchor.time_left");
        CredentialStore store = client.Services.GetRequiredService<CredentialStore>();
        await Eventually.TrueAsync(() => store.IsReady);

        anchor.RecordObservableInstruments();
        double whole = anchor.LastMeasurement!.Value;
        Assert.Equal((_ca.Root.NotAfter.ToUniversalTime() - clock.GetUtcNow().UtcDateTime).TotalSeconds, whole, tolerance: 60);
        left.RecordObservableInstruments();
        Assert.InRange(left.LastMeasurement!.Value, TimeSpan.FromHours(23.9).TotalSeconds, TimeSpan.FromHours(24.1).TotalSeconds);
        clock.Advance(TimeSpan.FromHours(23));
        left.RecordObservableInstruments();
        Assert.InRange(left.LastMeasurement!.Value, TimeSpan.FromMinutes(50).TotalSeconds, TimeSpan.FromMinutes(61).TotalSeconds);
        anchor.RecordObservableInstruments();
        Assert.Equal(whole - TimeSpan.FromHours(23).TotalSeconds, anchor.LastMeasurement!.Value, tolerance: 60);
        clock.Advance(TimeSpan.FromHours(2));
        left.Clear();
        left.RecordObservableInstruments();
        Assert.Null(left.LastMeasurement);
    }
}
