using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OpenTelemetry.Metrics;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>What the meter Mesh.Client measures of real calls.</summary>
public sealed class MetricsTests
{
    private const string Service = "catalog.default.svc.cluster.local:80";

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attempts_ByOutcome()
    {
        string nobody = DeadPort.TakeAddress();
        await using var closing = new RawServer(RawServer.ReadHeadAsync);
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using ScriptedProbe grpc = await ScriptedProbe.StartAsync(StatusCode.NotFound);
        await using MeshHost mesh = await StartAsync([nobody, closing.Address, bad.Address, good.Address, grpc.Address]);
        using MetricCollector<long> attempts = Collect<long>(mesh, "mesh.client.attempts");

        (await mesh.GetFromAsync(good.Address)).Dispose();
        (await mesh.SendToAsync(bad.Address, HttpMethod.Post)).Dispose();
        await Assert.ThrowsAsync<MeshException>(() => mesh.SendToAsync(closing.Address, HttpMethod.Post));
        using GrpcChannel channel = mesh.Channel();
        CallOptions options = new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf(grpc.Address));
        await Assert.ThrowsAsync<RpcException>(() => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), options).ResponseAsync);

        Assert.Equal(["success", "http_status", "reset", "grpc_status"], Tags(attempts, "mesh.outcome"));
        Assert.All(
            attempts.GetMeasurementSnapshot(), measured => Assert.Equal((1, Service), (measured.Value, measured.Tags["mesh.service"])));
    }

    [Fact]
    public async Task Attempts_ConnectionNotMade_IsNone()
    {
        string nobody = DeadPort.TakeAddress();
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([nobody, good.Address]);
        using MetricCollector<long> attempts = Collect<long>(mesh, "mesh.client.attempts");
        using MetricCollector<long> picks = Collect<long>(mesh, "mesh.client.picks");
        using MetricCollector<int> endpoints = Collect<int>(mesh, "mesh.client.endpoints");

        (await mesh.GetFromAsync(nobody)).Dispose();

        Assert.Equal(["success"], Tags(attempts, "mesh.outcome"));
        Assert.Equal(["hash", "hash_failover"], Tags(picks, "mesh.pick.reason"));
        endpoints.RecordObservableInstruments();
        Assert.Equal([("available", 1), ("disconnected", 1)], States(endpoints));
    }

    [Theory]
    [InlineData(LoadBalancingPolicyName.RoundRobin, "round_robin")]
    [InlineData(LoadBalancingPolicyName.PeakEwma, "least_load")]
    [InlineData(LoadBalancingPolicyName.Maglev, "least_load")]
    public async Task Picks_WithoutAKey_AreNamedByTheirAlgorithm(string policy, string reason)
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [good.Address], service => service.LoadBalancing = new LoadBalancingOptions { Policy = policy }, _clock);
        using MetricCollector<long> picks = Collect<long>(mesh, "mesh.client.picks");

        await mesh.Client().GetAsync(new Uri("/", UriKind.Relative), Cancellation);

        Assert.Equal([reason], Tags(picks, "mesh.pick.reason"));
    }

    [Fact]
    public async Task Retries_ByOutcome()
    {
        await using Backend later = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "60";
            return Task.CompletedTask;
        });
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([later.Address, bad.Address]);
        await using MeshHost better = await StartAsync([good.Address, bad.Address]);
        using MetricCollector<long> retries = Collect<long>(mesh, "mesh.client.retries");
        using MetricCollector<long> betterRetries = Collect<long>(better, "mesh.client.retries");

        await better.GetFromAsync(bad.Address);
        await mesh.GetFromAsync(later.Address);
        await mesh.GetFromAsync(bad.Address);

        Assert.Equal(["success"], Tags(betterRetries, "mesh.retry.outcome"));
        Assert.Equal(["denied_retry_after", "failure"], Tags(retries, "mesh.retry.outcome"));
    }

    [Fact]
    public async Task Ejections_AndEndpointsByState_FollowFailureAccrual()
    {
        await using Backend bad = await Backend.StartAsync(500);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address]);
        using MetricCollector<long> ejections = Collect<long>(mesh, "mesh.client.ejections");
        using MetricCollector<int> endpoints = Collect<int>(mesh, "mesh.client.endpoints");

        for (int i = 0; i < 7; i++)
        {
            (await mesh.GetFromAsync(bad.Address)).Dispose();
        }

        Assert.Equal(Service, Assert.Single(ejections.GetMeasurementSnapshot()).Tags["mesh.service"]);
        endpoints.RecordObservableInstruments();
        Assert.Equal([("available", 1), ("ejected", 1)], States(endpoints));
        endpoints.Clear();
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        endpoints.RecordObservableInstruments();
        Assert.Equal([("available", 1), ("probation", 1)], States(endpoints));
        Assert.Equal(
            ["available 1", "disconnected 0", "ejected 0", "not_secured 0", "probation 1"],
            endpoints.GetMeasurementSnapshot().Select(told => $"{told.Tags["mesh.endpoint.state"]} {told.Value}").Order());
    }

    [Fact]
    public void AddMeshClientInstrumentation_AddsAllMeters()
    {
        var builder = new RecordingBuilder();

        Assert.Same(builder, builder.AddMeshClientInstrumentation());

        Assert.Equal(["Mesh.Client", "Mesh.Client.Linkerd", "Mesh.Client.AspNetCore"], builder.Meters);
    }

    private static MetricCollector<T> Collect<T>(MeshHost mesh, string instrument)
        where T : struct => new(mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", instrument);

    private static IEnumerable<object?> Tags(MetricCollector<long> collector, string tag) =>
        collector.GetMeasurementSnapshot().Select(measured => measured.Tags[tag]);

    private static IEnumerable<(string, int)> States(MetricCollector<int> collector) => collector.GetMeasurementSnapshot()
        .Where(measured => measured.Value > 0)
        .Select(measured => ((string)measured.Tags["mesh.endpoint.state"]!, measured.Value)).Order();

    private Task<MeshHost> StartAsync(string[] endpoints) => MeshHost.StartCatalogAsync(endpoints, clock: _clock);

    private sealed class RecordingBuilder : MeterProviderBuilder
    {
        public List<string> Meters { get; } = [];

        public override MeterProviderBuilder AddInstrumentation<TInstrumentation>(Func<TInstrumentation> instrumentationFactory)
            where TInstrumentation : class => this;

        public override MeterProviderBuilder AddMeter(params string[] names)
        {
            Meters.AddRange(names);
            return this;
        }
    }
}
