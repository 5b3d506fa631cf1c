using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.KubernetesTests.Api;

public sealed class ApiResourceTests
{
    [Fact]
    public void Paths_are_those_of_the_API()
    {
        Assert.Equal("api/v1/namespaces/shop/services", new ApiResource("", "v1", "services", "shop").Uri());
        Assert.Equal(
            "apis/discovery.k8s.io/v1/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dcatalog&fieldSelector=a%3Db&limit=5",
            new ApiResource("discovery.k8s.io", "v1", "endpointslices", "", "kubernetes.io/service-name=catalog", "a=b")
                .Uri(("limit", "5"), ("continue", null)));
    }

    [Fact]
    public void It_is_told_in_RBACs_words() => Assert.Equal(
        "services in namespace shop (metadata.name=catalog)",
        new ApiResource("", "v1", "services", "shop", FieldSelector: "metadata.name=catalog").ToString());
}
