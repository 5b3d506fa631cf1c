using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>A balancer of the application that picks none, of a backend whose endpoints have a limit.</summary>
public sealed class NoPickTests
{
    private readonly RecordingClock _clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Send_BackendsBalancerPicksNone_WaitsAndDoesNotSpin(int backends)
    {
        await using Backend backend = await Backend.StartAsync();
        var never = new Never();
        string[] names = [.. Enumerable.Range(1, backends).Select(i => $"stock-{i}")];
        await using MeshHost mesh = await MeshHost.StartAsync(
            [
                .. names.Select((name, i) => ($"Services:catalog:Routes:0:Backends:{i}:Service", (string?)name)),
                .. names.Select(name => ($"Services:{name}:Endpoints:0:Address", (string?)backend.Address)),
                .. names.Select(name => ($"Services:{name}:LoadBalancing:Policy", (string?)"Never")),
                .. names.Select(name => ($"Services:{name}:Limits:MaxRequestsPerEndpoint", (string?)"1")),
            ],
            services => services.AddMeshClient(_ => { }).AddLoadBalancer("Never", _ => never),
            _clock);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return names.All(name => mesh.Snapshot(name) is { Set.Status: EndpointSetStatus.Known });
        });

        Task<HttpResponseMessage> call = mesh.Client().GetAsync(MeshHost.CatalogUri, TestContext.Current.CancellationToken);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(3));
        int asked = never.Asked;
        _clock.Advance(TimeSpan.FromSeconds(3));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.Contains("its own balancer, Never, took none of its 1 endpoints", error.Message, StringComparison.Ordinal);

        // When it came, when it began to wait and at the end, each with one more look.
        Assert.InRange(asked, 1, 4);
        Assert.InRange(never.Asked, asked + 1, 8);
        Assert.Equal(0, backend.Hits);
    }

    private sealed class Never : ILoadBalancer
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public LoadBalancerPick Pick(in LoadBalancerContext context)
        {
            Interlocked.Increment(ref _asked);
            return LoadBalancerPick.None;
        }
    }
}
