using k8s.Models;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class ResourceTypeTests
{
    [Theory]
    [InlineData("", "services")]
    [InlineData("discovery.k8s.io", "services.discovery.k8s.io")]
    public void The_name_is_that_of_RBAC_rules(string group, string name) =>
        Assert.Equal(name, new ResourceType<V1Service>(group, "v1", "services").Name);
}
