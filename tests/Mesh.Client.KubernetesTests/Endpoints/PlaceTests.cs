using k8s.Models;
using Mesh.Client.Kubernetes;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Endpoints;

public sealed class PlaceTests
{
    private static readonly ClientPlace Here = new("node-1", "zone-a");

    [Fact]
    public void Hints_lead_to_the_endpoints_for_this_zone()
    {
        V1Endpoint[] hinted =
        [
            Given.Endpoint("10.1.0.1").For(["zone-a"]),
            Given.Endpoint("10.1.0.2").For(["zone-b", "zone-a"]),
            Given.Endpoint("10.1.0.3").For(["zone-b"]),
        ];
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080", Read(Here, Given.Service(), hinted));
        Assert.Equal("10.1.0.2:8080 10.1.0.3:8080", Read(new ClientPlace(null, "zone-b"), Given.Service(), hinted));
    }

    [Fact]
    public void Hints_do_not_hold_where_one_ready_endpoint_has_none_or_none_is_for_us_or_our_zone_is_not_known()
    {
        V1Endpoint[] hinted = [Given.Endpoint("10.1.0.1").For(["zone-a"]), Given.Endpoint("10.1.0.2").For(["zone-b"])];
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080", Read(new ClientPlace(null, "zone-c"), Given.Service(), hinted));
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080", Read(new ClientPlace(), Given.Service(), hinted));
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080 10.1.0.3:8080", Read(Here, Given.Service(), [.. hinted, Given.Endpoint("10.1.0.3")]));
        Assert.Equal("10.1.0.1:8080", Read(Here, Given.Service(), [.. hinted, Given.Endpoint("10.1.0.3", false)]));
    }

    [Fact]
    public void Hints_for_nodes_come_before_those_for_zones()
    {
        V1Endpoint[] hinted =
        [
            Given.Endpoint("10.1.0.1").For(["zone-a"], ["node-1"]),
            Given.Endpoint("10.1.0.2").For(["zone-a"], ["node-2"]),
            Given.Endpoint("10.1.0.3").For(["zone-b"], ["node-3"]),
        ];
        Assert.Equal("10.1.0.1:8080", Read(Here, Given.Service(), hinted));
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080", Read(new ClientPlace("node-9", "zone-a"), Given.Service(), hinted));
    }

    [Fact]
    public void A_local_Service_is_for_the_clients_of_its_endpoints_nodes()
    {
        V1Service service = Given.Service();
        service.Spec.InternalTrafficPolicy = "Local";
        V1Endpoint[] endpoints = [Given.Endpoint("10.1.0.1").At(node: "node-1"), Given.Endpoint("10.1.0.2").At(node: "node-2")];
        Assert.Equal("10.1.0.1:8080", Read(Here, service, endpoints));
        Assert.Equal("", Read(new ClientPlace("node-3"), service, endpoints));

        ServiceEndpoints anywhere = ServiceEndpoints.Read(Given.View(service, Given.Slice("a", endpoints)));
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080", anywhere.Addresses());
        Assert.Contains("Mesh:Kubernetes:Node", Assert.Single(anywhere.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_local_endpoint_is_called_while_it_leaves()
    {
        V1Service service = Given.Service();
        service.Spec.InternalTrafficPolicy = "Local";
        Assert.Equal(
            "10.1.0.1:8080",
            Read(
                Here,
                service,
                Given.Endpoint("10.1.0.1", false, true, true).At(node: "node-1"),
                Given.Endpoint("10.1.0.2").At(node: "node-2")));
    }

    [Theory]
    [InlineData("IPv4 IPv6", null, "10.1.0.1:8080")]
    [InlineData("IPv6 IPv4", null, "[fd00::1]:8080")]
    [InlineData("IPv4 IPv6", MeshIPFamily.IPv6, "[fd00::1]:8080")]
    [InlineData("", null, "10.1.0.1:8080")]
    public void Of_two_families_the_Services_first_is_called(string families, MeshIPFamily? preferred, string expected)
    {
        V1Service service = Given.Service();
        service.Spec.IpFamilies = families.Length == 0 ? null : families.Split(' ');
        ServiceView view = Given.View(
            service,
            Given.Slice("a", Given.Endpoint("10.1.0.1")),
            Given.Slice("b", [Given.SlicePort(8080)], [Given.Endpoint("fd00::1")], "IPv6"));
        Assert.Equal(expected, ServiceEndpoints.Read(view with { Place = new ClientPlace(Family: preferred) }).Addresses());
    }

    [Fact]
    public void A_family_without_ready_endpoints_gives_way()
    {
        V1Service service = Given.Service();
        service.Spec.IpFamilies = ["IPv4", "IPv6"];
        V1EndpointSlice four = Given.Slice("a", Given.Endpoint("10.1.0.1", false, true, true));
        V1EndpointSlice six = Given.Slice("b", [Given.SlicePort(8080)], [Given.Endpoint("fd00::1")], "IPv6");
        Assert.Equal("[fd00::1]:8080", ServiceEndpoints.Read(Given.View(service, four, six)).Addresses());
        Assert.Equal("10.1.0.1:8080", ServiceEndpoints.Read(Given.View(service, four)).Addresses());
    }

    [Fact]
    public void Names_are_endpoints_too()
    {
        V1EndpointSlice slice = Given.Slice(
            "a", [Given.SlicePort(8080)], [Given.Endpoint("db.example.com"), Given.Endpoint("no name")], "FQDN");
        Assert.Equal("db.example.com:8080", ServiceEndpoints.Read(Given.View(Given.Service(), slice)).Addresses());
    }

    [Fact]
    public void One_endpoint_is_called_by_its_own_name_wherever_it_is()
    {
        V1Service service = Given.Service();
        service.Spec.ClusterIP = "None";
        service.Spec.InternalTrafficPolicy = "Local";
        V1EndpointSlice slice = Given.Slice(
            "a",
            Given.Endpoint("10.1.0.1").At(node: "node-1", hostname: "web-0", pod: "x").For(["zone-a"]),
            Given.Endpoint("10.1.0.2").At(node: "node-2", hostname: "web-1", pod: "y").For(["zone-b"]),
            Given.Endpoint("10.1.0.3", false).At(node: "node-1", pod: "web-2"));
        Assert.Equal("10.1.0.2:8080", Instance("web-1").Addresses());
        Assert.Equal("", Instance("web-2").Addresses());
        EndpointSet none = Instance("web-3").Set;
        Assert.Equal((EndpointSetStatus.NotFound, "Service shop/catalog has no endpoint web-3"), (none.Status, none.Problem));

        ServiceEndpoints Instance(string name) =>
            ServiceEndpoints.Read(Given.View($"{name}.catalog.shop.svc.cluster.local", 80, service, slice) with { Place = Here });
    }

    private static string Read(ClientPlace place, V1Service service, params V1Endpoint[] endpoints) =>
        ServiceEndpoints.Read(Given.View(service, Given.Slice("a", endpoints)) with { Place = place }).Addresses();
}
