using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>When balancers of the application come and go.</summary>
public sealed class BalancerLifetimeTests : IAsyncLifetime
{
    private Backend _backend = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _backend = await Backend.StartAsync();

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    /// <summary>One for each service, from the application's services, until the service ends.</summary>
    [Fact]
    public async Task AddLoadBalancer_ByType_IsMadeOnceForEachServiceAndDisposed()
    {
        var journal = new List<string>();
        MeshHost mesh = await MeshHost.StartAsync(
            new()
            {
                ["Defaults:LoadBalancing:Policy"] = "plain",
                ["Services:catalog:Endpoints:0:Address"] = _backend.Address,
                ["Services:orders:Endpoints:0:Address"] = _backend.Address,
                ["Services:empty:Retry:MaxRetries"] = "0",
            },
            services => services.AddSingleton(journal).AddMeshClient(_ => { }).AddLoadBalancer<JournalingBalancer>("Plain"));
        foreach (string service in (string[])["catalog", "orders", "catalog"])
        {
            await mesh.Client().GetStringAsync(new Uri($"http://{service}"), Cancellation);
        }

        // Another policy and back again: a call may still pick by the one before, so it stays.
        foreach (string policy in (string[])["Random", "Plain"])
        {
            mesh.Set(("Services:catalog:LoadBalancing:Policy", policy));
            await Eventually.TrueAsync(() => (mesh.Snapshot()!.Custom is null) == (policy == "Random"));
        }

        Assert.Equal(["made", "made"], journal);
        await mesh.DisposeAsync();
        Assert.Equal(["made", "made", "disposed", "disposed"], journal);
    }

    [Fact]
    public async Task Idle_ServiceIsDropped_ItsBalancerIsDisposed()
    {
        var clock = new RecordingClock();
        var journal = new List<string>();
        var source = new ManualSource();
        source.Set(Instances.Known(_backend.Address));
        await using MeshHost mesh = await MeshHost.StartAsync(
            new() { ["Defaults:LoadBalancing:Policy"] = "Plain" },
            services => services.AddSingleton<IEndpointSource>(source).AddSingleton(journal)
                .AddMeshClient(_ => { }).AddLoadBalancer<JournalingBalancer>("Plain"),
            clock);

        (await mesh.Client().GetAsync(MeshHost.CatalogUri, Cancellation)).Dispose();
        Assert.Equal(["made"], journal);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return journal.Count > 1;
        });
        Assert.Equal(["made", "disposed"], journal);

        (await mesh.Client().GetAsync(MeshHost.CatalogUri, Cancellation)).Dispose();
        Assert.Equal(["made", "disposed", "made"], journal);
    }
}
