using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.EndToEnd;

namespace Mesh.Client.KubernetesTests.RollingUpdate;

/// <summary>A Deployment is rolled under load: no call fails, and none is executed twice.</summary>
public sealed class RollingUpdateTests
{
    private const int Callers = 8;

    [Fact]
    public async Task Roll_UnderLoad_LosesNoCallAndRepeatsNone()
    {
        int replicas = LongRun.Count(4, 10);
        await using Cluster cluster = await Cluster.StartAsync(
            cluster => cluster.Service("catalog", Given.Port(80, "http"), Given.Port(81, "h2c", "kubernetes.io/h2c")));
        await using var deployment = new Deployment(cluster.Server, replicas);
        await deployment.StartAsync();
        await Eventually.TrueAsync(() => IsKnown(80) && IsKnown(81));
        var load = new CallLoad(cluster.Client, new Uri("http://catalog"), new Uri("http://catalog:81"));
        load.Start(Callers);
        await MoreAsync();

        await deployment.RollAsync();
        await MoreAsync();
        await load.EndAsync();

        Dictionary<string, int> executed = deployment.Executed();
        string summary = $"{replicas} pods, {load.Calls} calls of which {load.Failed.Length} failed and {load.Repeated} took another "
            + $"attempt, {load.Posts.Length} POSTs, {executed.Count} ids executed";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Assert.True(load.Failed.Length == 0, $"{summary}:\n{string.Join("\n", load.Failed.Take(5))}");
        Assert.Equal(replicas, deployment.Terminated);
        string[] repeated = [.. executed.Where(id => id.Value > 1).Select(id => $"{id.Key}: {id.Value} times")];
        Assert.True(repeated.Length == 0, $"{summary}: {string.Join(", ", repeated)}");
        Assert.Equal(load.Posts.Order(StringComparer.Ordinal), executed.Keys.Order(StringComparer.Ordinal));

        bool IsKnown(int port) => cluster.Host.Service(port: port).Snapshot.Set is { Endpoints.Length: > 0 };

        Task MoreAsync()
        {
            int before = load.Calls;
            return Eventually.TrueAsync(() => load.Calls > before + (10 * Callers));
        }
    }
}
