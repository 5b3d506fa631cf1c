using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Endpoints;

public sealed class PortTests
{
    private static readonly V1Endpoint One = Given.Endpoint("10.1.0.1");

    [Fact]
    public void A_port_is_found_in_slices_by_its_name()
    {
        V1EndpointSlice slice = Given.Slice("a", [Given.SlicePort(9000, "grpc"), Given.SlicePort(8080, "http")], [One]);
        V1Service service = Given.Service(Given.Port(80, "http"), Given.Port(81, "grpc"));
        Assert.Equal("10.1.0.1:8080", ServiceEndpoints.Read(Given.View(service, slice)).Addresses());
        Assert.Equal(
            "10.1.0.1:9000", ServiceEndpoints.Read(Given.View("catalog.shop.svc.cluster.local", 81, service, slice)).Addresses());
        Assert.Equal(
            "10.1.0.1:9000", ServiceEndpoints.Read(Given.View("_grpc.catalog.shop.svc.cluster.local", 80, service, slice)).Addresses());
    }

    [Fact]
    public void A_named_target_port_may_be_another_in_each_slice()
    {
        V1EndpointSlice old = Given.Slice("a", [Given.SlicePort(8080)], [One]);
        V1EndpointSlice rolled = Given.Slice("b", [Given.SlicePort(9090)], [Given.Endpoint("10.1.0.2")]);
        Assert.Equal("10.1.0.1:8080 10.1.0.2:9090", ServiceEndpoints.Read(Given.View(Given.Service(), old, rolled)).Addresses());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void One_port_without_a_name(string? name)
    {
        V1EndpointSlice slice = Given.Slice("a", [Given.SlicePort(8080, name)], [One]);
        Assert.Equal("10.1.0.1:8080", ServiceEndpoints.Read(Given.View(Given.Service(Given.Port(80)), slice)).Addresses());
    }

    [Fact]
    public void What_is_not_TCP_or_has_no_number_is_passed_over()
    {
        V1Service service = Given.Service(Given.Port(80, "dns", protocol: "UDP"), Given.Port(80, "dns-tcp"));
        V1EndpointSlice slice = Given.Slice(
            "a",
            [
                Given.SlicePort(53, "dns", "UDP"), Given.SlicePort(null, "dns-tcp"), Given.SlicePort(54, "dns-tcp", "UDP"),
                Given.SlicePort(55, "dns-tcp", null),
            ],
            [One]);
        Assert.Equal("10.1.0.1:55", ServiceEndpoints.Read(Given.View(service, slice)).Addresses());
    }

    [Theory]
    [InlineData("catalog.shop.svc.cluster.local", 81, "port 81")]
    [InlineData("_admin.catalog.shop.svc.cluster.local", 80, "port named admin")]
    public void A_port_that_the_Service_has_not_is_refused(string host, int port, string what)
    {
        V1Service service = Given.Service(Given.Port(80, "http"), Given.Port(90, "udp", protocol: "UDP"), Given.Port(9090));
        EndpointSet set = ServiceEndpoints.Read(Given.View(host, port, service, Given.Slice("a", One))).Set;
        Assert.Equal(
            (EndpointSetStatus.Refused, $"Service shop/catalog has no {what}; its ports are 80 (http), 9090"), (set.Status, set.Problem));
    }

    [Theory]
    [InlineData(80, "10.1.0.1:8080")]
    [InlineData(8080, "10.1.0.1:8080")]
    [InlineData(9000, "10.1.0.1:9000")]
    public void A_headless_Service_is_called_at_its_ports_and_at_those_of_its_endpoints(int port, string expected)
    {
        V1Service service = Headless(Given.Service());
        V1EndpointSlice slice = Given.Slice("a", [Given.SlicePort(8080), Given.SlicePort(9000, "grpc")], [One]);
        Assert.Equal(expected, ServiceEndpoints.Read(Given.View("catalog.shop.svc.cluster.local", port, service, slice)).Addresses());
    }

    [Fact]
    public void A_headless_Service_refuses_what_none_of_its_endpoints_has()
    {
        EndpointSet set = ServiceEndpoints.Read(
            Given.View("catalog.shop.svc.cluster.local", 7, Headless(Given.Service()), Given.Slice("a", One))).Set;
        Assert.Equal(EndpointSetStatus.Refused, set.Status);
        Assert.Equal(
            "", ServiceEndpoints.Read(Given.View("catalog.shop.svc.cluster.local", 7, Headless(Given.Service()))).Addresses());
    }

    [Fact]
    public void A_headless_Service_without_ports_is_called_at_any()
    {
        V1Service service = Headless(Given.Service());
        service.Spec.Ports = null;
        V1EndpointSlice slice = Given.Slice("a", [], [One]);
        Assert.Equal(
            "10.1.0.1:5432", ServiceEndpoints.Read(Given.View("catalog.shop.svc.cluster.local", 5432, service, slice)).Addresses());
    }

    private static V1Service Headless(V1Service service)
    {
        service.Spec.ClusterIP = "None";
        return service;
    }
}
