using Mesh.Client.InteropTests.Cluster;

namespace Mesh.Client.InteropTests;

/// <summary>Install, label, deploy, look: the manifests of the examples and their programs, in a cluster whose kubelets are played.</summary>
[Collection(nameof(ShopCluster))]
public sealed class FourStepsTests(ShopCluster cluster)
{
    [Fact]
    public async Task Looks()
    {
        await Transcript.CurlAsync(cluster.Web, false, "/items/1?user=anna");
        await Transcript.KubectlAsync("get", "pod", cluster.Web.Name, "-n", "shop", "-o", "yaml");
        await Transcript.CurlAsync(cluster.Replicas.First(), true, "/mesh");
        await Transcript.CurlAsync(cluster.Replicas.First(), true, "/mesh", "-H", "Accept: application/json");
        await Transcript.CurlAsync(cluster.Web, true, "/mesh");
    }
}
