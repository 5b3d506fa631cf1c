using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Runtime;

public sealed class ReconfigureTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Policy_Reload_ReachesARunningServiceAndKeepsItsEndpoints()
    {
        IConfigurationRoot root = TestMesh.Pairs(
            ("Mesh:Services:catalog:Endpoints:0:Address", "127.0.0.1:1"), ("Mesh:Services:catalog:Retry:On:0", "reset"));
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IConfiguration>(root)
            .AddMeshClient(root.GetSection("Mesh")).Services.BuildServiceProvider();
        ServiceRuntime service = services.GetRequiredService<MeshRuntime>().Find(new Uri("http://catalog"), MeshScope.Client)!;
        await service.FirstAnswerAsync(TestContext.Current.CancellationToken);
        ServiceSnapshot first = service.Snapshot;
        Assert.Equal(["reset"], first.Policy.Retry.On);

        root["Mesh:Defaults:Retry:MaxRetries"] = "4";
        root.Reload();

        Assert.True(await Task.Run(() => SpinWait.SpinUntil(() => service.Snapshot != first, Limit)));
        Assert.Equal(first.Policy with { Retry = RetryPolicy.Default with { On = ["reset"], MaxRetries = 4 } }, service.Snapshot.Policy);
        Assert.Equal(first.Set, service.Snapshot.Policy.Endpoints);
        Assert.Same(first.Endpoints.Single(), service.Snapshot.Endpoints.Single());
    }
}
