using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using static Mesh.Client.KubernetesTests.Routes.Hosting.RouteReading;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>Which routes are for a service, a port and a caller, and in which order.</summary>
public sealed class SelectionTests
{
    private const string Rule = "backendRefs: [ { name: catalog, port: 80 } ]";
    private static readonly string Catalog = Service("catalog", "80,8080");

    [Theory]
    [InlineData("group: '', kind: Service, name: catalog", true)]
    [InlineData("group: core, kind: Service, name: catalog", true)]
    [InlineData("kind: Service, name: catalog", true)]
    [InlineData("group: '', kind: Service, name: catalog, namespace: shop", true)]
    [InlineData("group: '', kind: Service, name: catalog, port: 80", true)]
    [InlineData("group: '', kind: Service, name: catalog, port: 8080", false)]
    [InlineData("group: '', kind: Service, name: catalog, sectionName: p80", true)]
    [InlineData("group: '', kind: Service, name: catalog, sectionName: p80, port: 80", true)]
    [InlineData("group: '', kind: Service, name: catalog, sectionName: p8080", false)]
    [InlineData("group: '', kind: Service, name: catalog, namespace: elsewhere", false)]
    [InlineData("group: '', kind: Service, name: other", false)]
    [InlineData("group: gateway.networking.k8s.io, kind: Gateway, name: catalog", false)]
    [InlineData("group: gateway.networking.k8s.io, kind: Service, name: catalog", false)]
    [InlineData("name: catalog", false)]
    public void A_parent_is_the_service_and_its_port(string parent, bool isFor)
    {
        string route = Http(Rule).Replace(
            "{ group: \"\", kind: Service, name: catalog, namespace: shop }", $"{{ {parent} }}", StringComparison.Ordinal);
        Assert.Contains(parent, route, StringComparison.Ordinal);

        Assert.Equal(isFor ? ["HTTPRoute/shop/route"] : [], Names($"{Catalog}\n---\n{route}"));
    }

    [Fact]
    public void One_of_several_parents_is_enough()
    {
        string route = Http(Rule).Replace(
            "parentRefs: [ ", "parentRefs: [ { kind: Gateway, name: front }, { group: '', kind: Service, name: catalog, port: 81 }, ",
            StringComparison.Ordinal);

        Assert.Equal(["HTTPRoute/shop/route"], Names(route));
        Assert.Equal(["HTTPRoute/shop/route"], Names(route, port: 81));
    }

    [Fact]
    public void A_route_of_one_port_and_one_of_all_are_both_for_the_port()
    {
        string routes = $"{Http(Rule, "all")}\n---\n{Http(Rule, "one", parent: ", port: 80")}";

        Assert.Equal(["HTTPRoute/shop/all", "HTTPRoute/shop/one"], Names(routes));
        Assert.Equal(["HTTPRoute/shop/all"], Names(routes, port: 8080));
    }

    [Theory]
    [InlineData("shop", "HTTPRoute/shop/producer")]
    [InlineData("web", "HTTPRoute/web/consumer")]
    [InlineData("third", "HTTPRoute/shop/producer")]
    public void Consumers_of_the_callers_namespace_stand_for_all_others(string caller, string name) => Assert.Equal(
        [name],
        Names($"{Http(Rule, "producer")}\n---\n{Http(Rule, "consumer", "web")}", caller));

    [Fact]
    public void A_consumers_route_of_one_port_leaves_the_producers_to_the_others()
    {
        string routes = $"{Http(Rule, "producer")}\n---\n{Http(Rule, "consumer", "web", ", port: 80")}";

        Assert.Equal(["HTTPRoute/web/consumer"], Names(routes, "web"));
        Assert.Equal(["HTTPRoute/shop/producer"], Names(routes, "web", port: 8080));
    }

    [Fact]
    public void The_oldest_is_first_then_the_name()
    {
        string routes = string.Join(
            "\n---\n", Created("b", null), Created("c", "2026-01-02T00:00:00Z"), Created("d", "2026-01-01T00:00:00Z"),
            Created("a", "2026-01-02T00:00:00Z"));

        Assert.Equal(["d", "a", "c", "b"], Names(routes).Select(name => name.Split('/')[2]));
    }

    [Fact]
    public void The_rules_of_a_route_stay_in_order_and_names_are_unique()
    {
        string route = Http($"name: x\n{Rule}") + $"\n  - {Rule}\n  - name: x\n    {Rule}";

        Assert.Equal(
            ["HTTPRoute/shop/route/x", "HTTPRoute/shop/route#2", "HTTPRoute/shop/route/x~2"], Names(route));
    }

    [Fact]
    public void A_GRPCRoute_takes_the_port_from_HTTPRoutes_of_the_same_side()
    {
        string grpc = Http(Rule, "calls").Replace("HTTPRoute", "GRPCRoute", StringComparison.Ordinal);
        TrafficPolicy policy = Policy($"{Http(Rule)}\n---\n{grpc}");

        Assert.Equal("GRPCRoute/shop/calls", Assert.Single(policy.Routing!.Routes).Name);
        Assert.Contains("HTTPRoute/shop/route", Assert.Single(policy.Problems), StringComparison.Ordinal);
        Assert.Equal(["HTTPRoute/web/route"], Names($"{Http(Rule, space: "web")}\n---\n{grpc}", "web"));
    }

    [Fact]
    public void Without_routes_and_annotations_nothing_is_said() =>
        Assert.Same(Policy(Catalog), Policy(Service("catalog", "81")));

    [Fact]
    public void The_order_of_matches_is_the_Gateway_APIs() => Assert.True(Policy(Http(Rule)).Routing!.GatewayOrder);

    [Fact]
    public void An_own_backend_is_no_backend() => Assert.Equal(
        new RoutePolicy("HTTPRoute/shop/route"), Assert.Single(Policy(Http(Rule)).Routing!.Routes));

    private static string Created(string name, string? at) => Http(Rule, name).Replace(
        "namespace: shop }\nspec",
        $"namespace: shop{(at is null ? "" : $", creationTimestamp: '{at}'")} }}\nspec",
        StringComparison.Ordinal);
}
