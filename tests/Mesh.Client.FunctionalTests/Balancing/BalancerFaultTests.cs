using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>What a balancer of the application may do wrong: its service's calls go on, and somebody hears of it.</summary>
public sealed class BalancerFaultTests : IAsyncLifetime
{
    private readonly RecordingClock _clock = new();
    private Backend _backend = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _backend = await Backend.StartAsync();

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Theory]
    [InlineData("threw", "the balancer threw")]
    [InlineData("out_of_range", "the balancer picked an index that no endpoint has")]
    [InlineData("unavailable", "the balancer picked an endpoint that may not be picked")]
    [InlineData("not_made", "the balancer could not be made")]
    public async Task Send_BalancerIsAtFault_TwoChoicesPick(string fault, string words)
    {
        int asked = 0;
        await using MeshHost mesh = await StartAsync(builder => builder.AddLoadBalancer("Odd", _ => fault == "not_made"
            ? throw new InvalidOperationException("no zone known")
            : new Scripted((in context) =>
            {
                asked++;
                int dead = context.Endpoints[0].Address == _backend.Address ? 1 : 0;
                return fault switch
                {
                    "threw" => throw new InvalidOperationException("no zone known"),
                    "out_of_range" => new LoadBalancerPick(asked % 2 == 0 ? 2 : -7),
                    _ => new LoadBalancerPick(dead),
                };
            })));
        using MetricCollector<long> faults = Collect(mesh, "mesh.client.balancer_faults");
        using MetricCollector<long> picks = Collect(mesh, "mesh.client.picks");

        for (int i = 0; i < 3; i++)
        {
            MeshAttempt attempt = await GetAsync(mesh);
            Assert.Equal((_backend.Address, PickReason.LeastLoad, words), (attempt.Endpoint, attempt.Reason, attempt.ReasonText));
        }

        LogRecords(mesh, words, 1);
        Assert.All(picks.GetMeasurementSnapshot(), pick => Assert.Equal("least_load", pick.Tags["mesh.pick.reason"]));
        if (fault == "not_made")
        {
            return;
        }

        Assert.Equal(3, faults.GetMeasurementSnapshot().Count);
        Assert.All(faults.GetMeasurementSnapshot(), one => Assert.Equal(
            (fault, "odd", "catalog.default.svc.cluster.local:80"),
            (one.Tags["mesh.fault"], one.Tags["mesh.policy"], one.Tags["mesh.service"])));
        _clock.Advance(TimeSpan.FromSeconds(59));
        await GetAsync(mesh);
        LogRecords(mesh, words, 1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await GetAsync(mesh);
        await GetAsync(mesh);
        LogRecords(mesh, words, 2);
    }

    /// <summary>The fault is one service's: another whose balancer could be made uses it, and a later change tries again.</summary>
    [Fact]
    public async Task Send_BalancerCannotBeMadeAtFirst_NextChangeTriesAgain()
    {
        bool ready = false;
        await using MeshHost mesh = await StartAsync(builder => builder
            .AddLoadBalancer("Odd", _ => ready ? new NearestBalancer("a") : throw new InvalidOperationException("not yet"))
            .AddLoadBalancer("Good", _ => new NearestBalancer("a")));
        mesh.Set(
            ("Services:orders:LoadBalancing:Policy", "Good"),
            ("Services:orders:Endpoints:0:Address", _backend.Address));
        using HttpResponseMessage other = await Drive(mesh.Client().GetAsync(new Uri("http://orders"), Cancellation));
        Assert.Equal(PickReason.Custom, other.GetMeshCallInfo()!.Attempts.Single().Reason);
        Assert.Equal(PickReason.LeastLoad, (await GetAsync(mesh)).Reason);

        ready = true;
        mesh.Set(("Services:catalog:Endpoints:0:Zone", "a"));
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return mesh.Snapshot()!.Custom?.Balancer is not null;
        });

        Assert.Equal((PickReason.Custom, "near"), ((await GetAsync(mesh)).Reason, (await GetAsync(mesh)).ReasonText));
    }

    [Fact]
    public async Task Send_BalancerPicksNone_WaitsAndThenSaysWhoDidNotPick()
    {
        bool picks = false;
        await using MeshHost mesh = await StartAsync(builder => builder.AddLoadBalancer("Odd", _ => new Scripted(
            (in context) => picks ? new NearestBalancer("a").Pick(in context) : LoadBalancerPick.None)));

        Task<HttpResponseMessage> call = mesh.Client().GetAsync(MeshHost.CatalogUri, Cancellation);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(3));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(3));
        MeshException failure = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal(MeshFailure.NoEndpoint, failure.Reason);
        Assert.Contains("its own balancer, odd, took none of its 2 endpoints within 3 s", failure.Message, StringComparison.Ordinal);
        picks = true;
        Assert.Equal(PickReason.Custom, (await GetAsync(mesh)).Reason);
    }

    [Fact]
    public async Task Start_UnknownName_IsRefusedWithItsPathAndTheNames()
    {
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => MeshHost.StartAsync(
            new() { ["Services:catalog:LoadBalancing:Policy"] = "Nearst" },
            services => services.AddMeshClient(_ => { })
                .AddLoadBalancer<JournalingBalancer>("Nearest").AddLoadBalancer<JournalingBalancer>("Canary")));

        Assert.Equal(
            [
                "Mesh:Services:catalog:LoadBalancing:Policy: 'Nearst' is unknown; "
                    + "choose from PeakEwma, RoundRobin, Maglev, RingHash, Random, LeastRequest, Nearest, Canary",
            ],
            error.Failures);
    }

    [Fact]
    public async Task Reload_UnknownName_IsRefusedAndCallsGoOn()
    {
        await using MeshHost mesh = await StartAsync(builder => builder.AddLoadBalancer("Odd", _ => new NearestBalancer("a")));

        mesh.Set(("Services:catalog:LoadBalancing:Policy", "Even"), ("Services:catalog:Retry:MaxRetries", "9"));

        Assert.Equal(PickReason.Custom, (await GetAsync(mesh)).Reason);
        Assert.Contains(
            "Mesh:Services:catalog:LoadBalancing:Policy: 'Even' is unknown",
            Assert.Single(mesh.Logs.GetSnapshot(), record => record.Level is LogLevel.Error).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("peakewma")]
    [InlineData("Maglev")]
    [InlineData("nearest")]
    public void AddLoadBalancer_NameOfNoUse_Throws(string name)
    {
        IMeshClientBuilder builder = new ServiceCollection().AddMeshClient(_ => { }).AddLoadBalancer<JournalingBalancer>("Nearest");

        Assert.Throws<ArgumentException>(() => builder.AddLoadBalancer<JournalingBalancer>(name));
    }

    private Task<MeshHost> StartAsync(Action<IMeshClientBuilder> configure) => Drive(StartAndKnowAsync(configure));

    // The second endpoint is never to be called: it is out of reach from the start.
    private async Task<MeshHost> StartAndKnowAsync(Action<IMeshClientBuilder> configure)
    {
        string nobody = DeadPort.TakeAddress();
        MeshHost mesh = await MeshHost.StartAsync(
            new()
            {
                ["Services:catalog:LoadBalancing:Policy"] = "odd",
                ["Services:catalog:Endpoints:0:Address"] = _backend.Address,
                ["Services:catalog:Endpoints:1:Address"] = nobody,
            },
            services => configure(services.AddMeshClient(_ => { })),
            _clock);
        await Eventually.TrueAsync(() => mesh.Service().Snapshot.Endpoints.Length == 2);
        mesh.Endpoint(nobody).ConnectFailed("nobody there");
        return mesh;
    }

    // Publishing is spaced by the clock.
    private async Task<T> Drive<T>(Task<T> task)
    {
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return task.IsCompleted;
        });
        return await task;
    }

    private static async Task<MeshAttempt> GetAsync(MeshHost mesh)
    {
        using HttpResponseMessage response = await mesh.Client().GetAsync(MeshHost.CatalogUri, Cancellation);
        return response.GetMeshCallInfo()!.Attempts.Single();
    }

    private static void LogRecords(MeshHost mesh, string words, int count) => Assert.Equal(
        count, mesh.Logs.GetSnapshot().Count(record =>
            record.Level is LogLevel.Error && record.Message.Contains($"policy odd: {words};", StringComparison.Ordinal)));

    private static MetricCollector<long> Collect(MeshHost mesh, string name) =>
        new(mesh.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Mesh.Client", name);

    private delegate LoadBalancerPick Script(in LoadBalancerContext context);

    private sealed class Scripted(Script script) : ILoadBalancer
    {
        public LoadBalancerPick Pick(in LoadBalancerContext context) => script(in context);
    }
}
