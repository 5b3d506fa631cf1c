using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Endpoints;

public sealed class ReadinessTests
{
    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(true, null, null, true)]
    [InlineData(true, true, true, true)] // publishNotReadyAddresses
    [InlineData(true, false, null, true)]
    [InlineData(false, null, null, false)]
    [InlineData(false, true, null, false)]
    [InlineData(false, true, true, true)] // the last that is left
    [InlineData(false, null, true, false)]
    [InlineData(false, false, true, false)]
    public void Conditions_that_are_not_said_count_as_the_API_has_it(bool? ready, bool? serving, bool? terminating, bool isCalled)
    {
        V1EndpointSlice slice = Given.Slice("a", Given.Endpoint("10.1.0.1", ready, serving, terminating));
        Assert.Equal(isCalled ? "10.1.0.1:8080" : "", ServiceEndpoints.Read(Given.View(Given.Service(), slice)).Addresses());
    }

    [Fact]
    public void No_conditions_at_all_is_ready()
    {
        V1EndpointSlice slice = Given.Slice("a", new V1Endpoint { Addresses = ["10.1.0.1"] });
        Assert.Equal("10.1.0.1:8080", ServiceEndpoints.Read(Given.View(Given.Service(), slice)).Addresses());
    }

    [Fact]
    public void Those_on_their_way_out_are_called_only_while_no_other_is_left()
    {
        V1Endpoint leaving = Given.Endpoint("10.1.0.1", false, true, true);
        V1Endpoint starting = Given.Endpoint("10.1.0.2", false, false, false);
        V1Endpoint ready = Given.Endpoint("10.1.0.3", true, true, false);
        Assert.Equal("10.1.0.3:8080", Read(leaving, starting, ready));
        Assert.Equal("10.1.0.1:8080", Read(leaving, starting));
        Assert.Equal("", Read(starting));
    }

    [Fact]
    public void Of_an_endpoint_that_stands_in_two_slices_the_most_ready_entry_holds()
    {
        V1EndpointSlice old = Given.Slice("a", Given.Endpoint("10.1.0.1", false), Given.Endpoint("10.1.0.2", true));
        V1EndpointSlice next = Given.Slice("b", Given.Endpoint("10.1.0.1", true), Given.Endpoint("10.1.0.2", false, true, true));
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080", ServiceEndpoints.Read(Given.View(Given.Service(), old, next)).Addresses());
        Assert.Equal("10.1.0.1:8080 10.1.0.2:8080", ServiceEndpoints.Read(Given.View(Given.Service(), next, old)).Addresses());
    }

    [Fact]
    public void No_Service_is_not_found_and_one_without_slices_is_empty()
    {
        EndpointSet none = ServiceEndpoints.Read(Given.View(null)).Set;
        Assert.Equal((EndpointSetStatus.NotFound, "there is no Service shop/catalog"), (none.Status, none.Problem));
        Assert.Equal("", ServiceEndpoints.Read(Given.View(Given.Service())).Addresses());
    }

    [Fact]
    public void An_endpoint_tells_its_place_and_its_names()
    {
        V1EndpointSlice slice = Given.Slice(
            "a", Given.Endpoint("10.1.0.1").At("zone-a", "node-1", "catalog-0", "catalog-0"), Given.Endpoint("10.1.0.2"));
        Endpoint[] endpoints = [.. ServiceEndpoints.Read(Given.View(Given.Service(), slice)).Set.Endpoints];
        Assert.Equal(("zone-a", "catalog-0"), (endpoints[0].Zone, endpoints[0].HashKey));
        Assert.Equal(
            "namespace=shop node=node-1 pod=catalog-0 zone=zone-a",
            string.Join(' ', endpoints[0].Labels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal)));
        Assert.Equal((null, null, "namespace"), (endpoints[1].Zone, endpoints[1].HashKey, Assert.Single(endpoints[1].Labels).Key));
    }

    private static string Read(params V1Endpoint[] endpoints) =>
        ServiceEndpoints.Read(Given.View(Given.Service(), Given.Slice("a", endpoints))).Addresses();
}
