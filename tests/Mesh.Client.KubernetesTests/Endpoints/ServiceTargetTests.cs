using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Endpoints;

public sealed class ServiceTargetTests
{
    [Theory]
    [InlineData("catalog.shop.svc.cluster.local", "Service shop/catalog", null, null)]
    [InlineData("web-0.web.shop.svc.cluster.local", "Service shop/web", "web-0", null)]
    [InlineData("_grpc.catalog.shop.svc.cluster.local", "Service shop/catalog", null, "grpc")]
    [InlineData("catalog.shop.svc.clusterset.local", "ServiceImport shop/catalog", null, null)]
    public void Names_of_the_cluster(string host, string text, string? instance, string? portName)
    {
        Assert.True(ServiceTarget.TryParse(new ServiceName(host, 80), "cluster.local", out ServiceTarget? target));
        Assert.Equal((text, instance, portName), (target.ToString(), target.Instance, target.PortName));
    }

    [Theory]
    [InlineData("api.example.com")]
    [InlineData("shop.svc.cluster.local")]
    [InlineData("svc.cluster.local")]
    [InlineData("catalog.shop.svc.other.local")]
    [InlineData("a.b.c.d.svc.cluster.local")]
    [InlineData("web-0.web.shop.svc.clusterset.local")]
    [InlineData("_http._tcp.shop.svc.cluster.local")]
    [InlineData("10.1.2.3")]
    [InlineData("[fd00::1]")]
    public void All_others_are_nobodys(string host) =>
        Assert.False(ServiceTarget.TryParse(new ServiceName(host, 80), "cluster.local", out _));

    [Fact]
    public void The_clusters_domain_is_its_own()
    {
        Assert.True(ServiceTarget.TryParse(new ServiceName("catalog.shop.svc.k8s.example.com", 80), "k8s.example.com", out _));
        Assert.False(ServiceTarget.TryParse(new ServiceName("catalog.shop.svc.cluster.local", 80), "k8s.example.com", out _));
    }
}
