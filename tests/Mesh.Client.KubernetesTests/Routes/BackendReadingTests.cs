using System.Collections.Immutable;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.KubernetesTests.Routes.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;
using static Mesh.Client.KubernetesTests.Routes.Hosting.RouteReading;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>Where calls go: Services and ports, weights, what is missing, and what needs a grant.</summary>
public sealed class BackendReadingTests
{
    private static readonly string Canary = Service("canary", "8080");
    private static readonly string Elsewhere = Service("other", "8080", "elsewhere");

    [Fact]
    public void A_backend_is_a_Service_and_its_port() => Assert.Equal(
        [
            new RouteBackend(new ServiceName("catalog.shop.svc.cluster.local", 80), 9),
            new RouteBackend(new ServiceName("canary.shop.svc.cluster.local", 8080), 1),
            new RouteBackend(new ServiceName("other.elsewhere.svc.cluster.local", 8080), 0),
        ],
        Rule("""
            backendRefs:
            - { name: catalog, port: 80, weight: 9 }
            - { group: '', kind: Service, name: canary, port: 8080 }
            - { name: other, namespace: elsewhere, port: 8080, weight: 0 }
            """, Canary, Elsewhere).Backends);

    [Fact]
    public void A_ServiceImport_is_a_backend_by_its_name_in_the_set_of_clusters()
    {
        var names = new List<BackendName>();
        RouteScope scope = Manifests.Read(Http("""
            backendRefs: [ { group: multicluster.x-k8s.io, kind: ServiceImport, name: far, port: 81 } ]
            """)).Scope() with
        {
            Backend = name =>
            {
                names.Add(name);
                return BackendAnswer.Unknown;
            },
        };

        RoutePolicy route = Assert.Single(TrafficPolicyReader.Read(scope).Routing!.Routes);

        Assert.Equal(new ServiceName("far.shop.svc.clusterset.local", 81), Assert.Single(route.Backends).Service);
        Assert.Equal([new BackendName("shop", "far", 81, IsImport: true)], names);
    }

    [Theory]
    [InlineData("name: gone, port: 80", "Service shop/gone:80 does not exist")]
    [InlineData("name: canary, port: 80", "Service shop/canary:80 does not exist")]
    [InlineData("name: canary", "it names no port")]
    [InlineData("kind: Bucket, group: a.b, name: canary, port: 80", "Bucket.a.b is no kind of backend")]
    public void What_is_missing_has_a_share_that_fails(string backend, string problem)
    {
        TrafficPolicy policy = Policy($$"""
            {{Http($"backendRefs: [ {{ name: canary, port: 8080, weight: 3 }}, {{ {backend} }} ]")}}
            ---
            {{Canary}}
            """);

        ImmutableArray<RouteBackend> backends = Assert.Single(policy.Routing!.Routes).Backends;
        Assert.Equal([3, 1], backends.Select(one => one.Weight));
        Assert.Empty(backends[0].Filters);
        Assert.Equal(500, Assert.IsType<FaultFilter>(Assert.Single(backends[1].Filters)).Abort!.HttpStatus);
        Assert.Equal(
            $"HTTPRoute/shop/route rules[0].backendRefs[1]: {problem}; its share of the calls fails", Assert.Single(policy.Problems));
    }

    [Theory]
    [InlineData("name: only")]
    [InlineData("backendRefs: []")]
    [InlineData("backendRefs: [ { name: canary, port: 8080, weight: 0 }, { name: catalog, port: 80, weight: 0 } ]")]
    public void Without_any_weight_all_calls_fail(string rule)
    {
        RoutePolicy route = Rule(rule, Canary);

        Assert.Equal((500, 13), Abort(route.Filters));
        Assert.Empty(route.Backends);
    }

    [Fact]
    public void A_GRPCRoute_fails_as_unavailable()
    {
        string grpc = Http("backendRefs: [ { name: gone, port: 1 } ]").Replace("HTTPRoute", "GRPCRoute", StringComparison.Ordinal);

        RoutePolicy route = Assert.Single(Policy(grpc).Routing!.Routes);

        Assert.Equal((500, 14), Abort(Assert.Single(route.Backends).Filters));
    }

    [Fact]
    public void A_redirect_needs_no_backend() => Assert.IsType<RedirectFilter>(
        Assert.Single(Rule("filters: [ { type: RequestRedirect, requestRedirect: { port: 81 } } ]").Filters));

    [Fact]
    public void Another_namespace_needs_no_grant_unless_grants_are_required()
    {
        string rule = Http("backendRefs: [ { name: other, namespace: elsewhere, port: 8080 } ]");

        Assert.Empty(Read($"{rule}\n---\n{Elsewhere}", required: false).Filters);
        Assert.Equal((500, 13), Abort(Read($"{rule}\n---\n{Elsewhere}").Filters));
    }

    [Theory]
    [InlineData("HTTPRoute", "shop", "Service", null, true)]
    [InlineData("HTTPRoute", "shop", "Service", "other", true)]
    [InlineData("HTTPRoute", "shop", "Service", "another", false)]
    [InlineData("HTTPRoute", "shop", "Secret", null, false)]
    [InlineData("HTTPRoute", "web", "Service", null, false)]
    [InlineData("GRPCRoute", "shop", "Service", null, false)]
    public void A_grant_is_from_a_kind_and_namespace_to_a_Service(string kind, string from, string to, string? name, bool permits)
    {
        RouteBackend backend = Read($$"""
            {{Http("backendRefs: [ { name: other, namespace: elsewhere, port: 8080 } ]")}}
            ---
            {{Elsewhere}}
            ---
            {{Grant("elsewhere", kind, from, to, name)}}
            """);

        Assert.Equal(permits, backend.Filters.IsEmpty);
    }

    [Fact]
    public void A_grant_of_another_namespace_permits_nothing() => Assert.NotEmpty(Read($$"""
        {{Http("backendRefs: [ { name: other, namespace: elsewhere, port: 8080 } ]")}}
        ---
        {{Elsewhere}}
        ---
        {{Grant("shop", "HTTPRoute", "shop", "Service", null)}}
        """).Filters);

    [Fact]
    public void A_consumers_route_to_its_own_parent_needs_none()
    {
        string route = Http("backendRefs: [ { name: catalog, namespace: shop, port: 81 } ]", space: "web");
        RouteScope scope = Manifests.Read($"{route}\n---\n{Service("catalog", "80,81")}").Scope("web") with { RequireGrants = true };

        Assert.Empty(Assert.Single(Assert.Single(TrafficPolicyReader.Read(scope).Routing!.Routes).Backends).Filters);
    }

    private static RouteBackend Read(string yaml, bool required = true) => Assert.Single(Assert.Single(
        TrafficPolicyReader.Read(Manifests.Read(yaml).Scope() with { RequireGrants = required }).Routing!.Routes).Backends);

    private static string Grant(string space, string kind, string from, string to, string? name) => $$"""
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: { name: grant, namespace: {{space}} }
        spec:
          from: [ { group: gateway.networking.k8s.io, kind: {{kind}}, namespace: {{from}} } ]
          to: [ { group: '', kind: {{to}}{{(name is null ? "" : $", name: {name}")}} } ]
        """;

    private static (int?, int?) Abort(IEnumerable<RouteFilter> filters)
    {
        FaultAbort abort = Assert.IsType<FaultFilter>(Assert.Single(filters)).Abort!;
        return (abort.HttpStatus, abort.GrpcStatus);
    }
}
