using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Resilience.Limits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A second attempt that a limit refuses: the call goes on with its first.</summary>
public sealed class HedgeLimitTests
{
    // Nothing else waits for so long: a connection is given a second.
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1234);

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SecondAttempt_ShedByALimit_IsNoShedCall()
    {
        await using HeldBackend one = await HeldBackend.StartAsync(), two = await HeldBackend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", one.Address), ("catalog", two.Address)],
            [
                ("Hedging:Delay", Delay.ToString("c")),
                ("LoadBalancing:Policy", "RoundRobin"),
                ("Limits:MaxConnectionsPerEndpoint", "1"),
            ],
            _clock);
        using MetricCollector<long> shed = Collect(mesh, "mesh.client.shed");
        using MetricCollector<long> hedges = Collect(mesh, "mesh.client.hedges");
        using MetricCollector<long> picks = Collect(mesh, "mesh.client.picks");

        // Not hedged: it keeps the one connection of its endpoint.
        Task<HttpResponseMessage> other = mesh.Client().PostAsync("/", null, Cancellation);
        await Eventually.TrueAsync(() => one.Now + two.Now == 1);
        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => (one.Now, two.Now) == (1, 1));
        await _clock.WaitedAsync(Delay);
        int before = picks.GetMeasurementSnapshot().Count;

        _clock.Advance(Delay);
        await Eventually.TrueAsync(() => picks.GetMeasurementSnapshot().Count > before);
        one.Release();
        two.Release();

        using HttpResponseMessage response = await sending;
        (await other).Dispose();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(shed.GetMeasurementSnapshot());
        Assert.Equal("lost", Assert.Single(hedges.GetMeasurementSnapshot()).Tags["mesh.hedge.outcome"]);
        Assert.Equal(2, one.Hits + two.Hits);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    private static MetricCollector<long> Collect(MeshHost mesh, string name) =>
        new(mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", name);
}
