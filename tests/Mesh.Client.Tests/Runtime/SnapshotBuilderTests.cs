using Mesh.Client.Balancing;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Runtime;

public sealed class SnapshotBuilderTests
{
    /// <summary>The old and the new instance of a rollout share a hash key for a while.</summary>
    [Fact]
    public async Task Build_EndpointsWithTheSameHashKey_OrderOnTheWireDoesNotMatter()
    {
        await using ServiceProvider services = new ServiceCollection().AddMeshClient(_ => { }).Services.BuildServiceProvider();
        var policy = new ServicePolicy
        {
            LoadBalancing = new() { Algorithm = LoadBalancingAlgorithm.Maglev, EndpointKey = EndpointKey.HashKey },
        };
        Endpoint[] endpoints = [At(1, "catalog-1"), At(2, "catalog-1"), At(3, "catalog-2")];

        string[] forward = Picks(services, policy, endpoints);
        string[] backward = Picks(services, policy, [.. endpoints.Reverse()]);

        Assert.Equal(forward, backward);
        Assert.Equal(3, forward.Distinct().Count());
    }

    private static Endpoint At(int port, string key) =>
        new(EndpointAddress.Create(System.Net.IPAddress.Loopback, port)) { HashKey = key };

    private static string[] Picks(IServiceProvider services, ServicePolicy policy, Endpoint[] endpoints)
    {
        using var service = new ServiceRuntime(
            new ServiceName("catalog", 80), new ServiceNames(new MeshClientOptions()),
            services.GetRequiredService<MeshServices>(), services.GetRequiredService<MeshRuntime>());
        var builder = new SnapshotBuilder(service);
        ServiceSnapshot snapshot = builder.Build(policy, EndpointSet.Known([.. endpoints]), service.Snapshot);
        var all = new All(snapshot);
        return
        [
            .. Enumerable.Range(0, 300).Select(i =>
                snapshot.Endpoints[snapshot.Balancers.Pick(true, RequestHash.Of($"user-{i}"), all).Index].Address.Text),
        ];
    }

    private sealed class All(ServiceSnapshot snapshot) : ICandidates
    {
        public int Count => snapshot.Endpoints.Length;

        public long Now => TimeProvider.System.GetTimestamp();

        public bool CanPick(int index) => true;

        public EndpointLoad Load(int index) => snapshot.Endpoints[index].Load;
    }
}
