using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Source;

public sealed class KubernetesSourceTests
{
    private static readonly KubernetesSetup WithPods =
        new() { Namespace = "web", ReadsPods = true, Linkerd = new LinkerdMesh("linkerd", "cluster.local") };

    [Fact]
    public async Task A_service_comes_and_changes_and_goes()
    {
        var server = new MemoryWatches();
        await using var run = new SourceRun(server);
        EndpointSet none = await run.UntilAsync(state => state.Status is EndpointSetStatus.NotFound);
        Assert.Equal("there is no Service shop/catalog", none.Problem);

        server.Put(Given.Service());
        await run.UntilAsync("");
        server.Put(Given.Slice("a", Given.Endpoint("10.1.0.1")), Given.Slice("b", Given.Endpoint("10.1.0.2")));
        await run.UntilAsync("10.1.0.1:8080 10.1.0.2:8080");
        server.Remove(Given.Slice("a"));
        await run.UntilAsync("10.1.0.2:8080");
        server.Remove(Given.Service());
        await run.UntilAsync(state => state.Status is EndpointSetStatus.NotFound);
    }

    [Fact]
    public async Task Only_the_services_own_slices_count_and_only_what_is_needed_is_watched()
    {
        var server = new MemoryWatches();
        server.Put(
            Given.Service(),
            Given.Slice("a", Given.Endpoint("10.1.0.1")),
            Given.Slice("b", [Given.SlicePort(8080)], [Given.Endpoint("10.1.0.9")], service: "other"));
        await using (var run = new SourceRun(server))
        {
            await run.UntilAsync("10.1.0.1:8080");
            Assert.Equal(
                [
                    "endpointslices shop kubernetes.io/service-name=catalog", "grpcroutes shop", "grpcroutes web", "httproutes shop",
                    "httproutes web", "services shop metadata.name=catalog",
                ],
                server.Watched);
        }

        Assert.Empty(server.Watched);
    }

    [Fact]
    public async Task Other_names_are_not_found_without_asking()
    {
        var server = new MemoryWatches();
        await using var run = new SourceRun(server, host: "api.example.com");
        EndpointSet state = await run.UntilAsync(state => state.Status is EndpointSetStatus.NotFound);
        Assert.Contains("is not asked: api.example.com", state.Problem, StringComparison.Ordinal);
        Assert.Empty(server.Watched);
    }

    [Theory]
    [InlineData("services")]
    [InlineData("endpointslices")]
    [InlineData("httproutes")]
    [InlineData("pods")]
    public async Task Until_all_is_known_nothing_is(string plural)
    {
        var server = new MemoryWatches();
        server.Tell(plural, ResourceStatus.Unknown, "it is away");
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")));
        await using var run = new SourceRun(server, WithPods);
        EndpointSet state = await run.UntilAsync(_ => true);
        Assert.Equal(EndpointSetStatus.Unknown, state.Status);
        Assert.EndsWith("it is away", state.Problem, StringComparison.Ordinal);
        Assert.Equal(plural == "httproutes", state.Problem!.StartsWith("httproutes.gateway", StringComparison.Ordinal));
        server.Tell(plural, ResourceStatus.Known);
        await run.UntilAsync("10.1.0.1:8080");
    }

    [Theory]
    [InlineData("services")]
    [InlineData("endpointslices")]
    public async Task What_may_not_be_read_is_said_and_not_known(string plural)
    {
        var server = new MemoryWatches();
        server.Tell(plural, ResourceStatus.Denied, $"it may not list {plural}");
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")));
        await using var run = new SourceRun(server);
        EndpointSet state = await run.UntilAsync(_ => true);
        Assert.Equal((EndpointSetStatus.Unknown, $"it may not list {plural}"), (state.Status, state.Problem));
    }

    [Theory]
    [InlineData("services", nameof(ResourceStatus.Denied))]
    [InlineData("endpointslices", nameof(ResourceStatus.Denied))]
    [InlineData("endpointslices", nameof(ResourceStatus.Unknown))]
    [InlineData("pods", nameof(ResourceStatus.Denied))]
    public async Task What_was_known_stands(string plural, string status)
    {
        var server = new MemoryWatches();
        server.Put(
            Given.Service(),
            Given.Slice("a", Given.Endpoint("10.1.0.1").At(pod: "p")),
            Given.Pod("p", annotations: [("mesh.client/identity", "{serviceaccount}.{namespace}")]));
        await using var run = new SourceRun(server, WithPods);
        await run.UntilAsync("10.1.0.1:8080");
        server.Tell(plural, Enum.Parse<ResourceStatus>(status), "no more");
        EndpointSet state = await run.UntilAsync(state => state.Problem is not null);
        Assert.Equal((EndpointSetStatus.Known, "no more"), (state.Status, state.Problem));
        Assert.Equal("catalog.shop", Assert.Single(state.Endpoints).Transport.Peer?.Identity.Name);
        server.Tell(plural, ResourceStatus.Known);
        await run.UntilAsync(state => state.Problem is null);
    }

    [Fact]
    public async Task An_API_server_out_of_reach_leaves_the_state_and_says_so()
    {
        var server = new MemoryWatches();
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")));
        server.Tell("endpointslices", ResourceStatus.Known, "it is away");
        server.Tell("httproutes", ResourceStatus.Known, "it is away");
        await using var run = new SourceRun(server);
        Assert.Equal("it is away", (await run.UntilAsync("10.1.0.1:8080")).Problem);
    }

    [Fact]
    public async Task Kinds_that_the_server_does_not_know_are_no_problem_and_those_that_may_not_be_read_are_one_warning()
    {
        var server = new MemoryWatches();
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1").At(pod: "p")));
        server.Tell("httproutes", ResourceStatus.NotServed);
        server.Tell("grpcroutes", ResourceStatus.NotServed);
        server.Tell("referencegrants", ResourceStatus.NotServed);
        server.Tell("pods", ResourceStatus.Denied, "it may not watch pods in shop");
        await using var run = new SourceRun(server, WithPods);
        EndpointSet state = await run.UntilAsync("10.1.0.1:8080");
        Assert.Equal("it may not watch pods in shop", state.Problem);
        Assert.Equal(
            new EndpointTransport(Framing.MeshTls)
            {
                Doubt = "is a pod whose identity is not known, since the verb 'list' or 'watch' on pods in namespace shop is missing",
            },
            state.Endpoints[0].Transport);
        server.Put(Given.Slice("a", Given.Endpoint("10.1.0.2")));
        await run.UntilAsync("10.1.0.2:8080");
        Assert.Contains("it may not watch pods in shop", Assert.Single(run.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_say_who_is_to_be_expected()
    {
        var server = new MemoryWatches();
        server.Put(
            Given.Service(),
            Given.Slice("a", Given.Endpoint("10.1.0.1").At(pod: "p"), Given.Endpoint("10.1.0.2").At(pod: "late")),
            Given.Pod("p", labels: [("linkerd.io/control-plane-ns", "linkerd")]));
        await using var run = new SourceRun(server, WithPods);
        EndpointSet state = await run.UntilAsync("10.1.0.1:8080 10.1.0.2:8080");
        Assert.Equal("catalog.shop.serviceaccount.identity.linkerd.cluster.local", state.Endpoints[0].Transport.Peer?.Identity.Name);
        Assert.Equal((Framing.MeshTls, null), (state.Endpoints[1].Transport.Framing, state.Endpoints[1].Transport.Peer));
        Assert.Contains("pods shop app=catalog", server.Watched);

        server.Put(Given.Pod("late"));
        state = await run.UntilAsync(state => !state.Endpoints[1].Transport.IsSecured);
        Assert.Equal(EndpointTransport.Plaintext, state.Endpoints[1].Transport);
    }

    [Fact]
    public async Task Where_pods_may_not_be_read_endpoints_that_are_none_are_called_and_without_pods_all_are()
    {
        var server = new MemoryWatches();
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1").At(pod: "p"), Given.Endpoint("10.1.0.2")));
        server.Tell("pods", ResourceStatus.Denied, "it may not list pods in shop");
        await using (var run = new SourceRun(server, WithPods))
        {
            EndpointSet state = await run.UntilAsync("10.1.0.1:8080 10.1.0.2:8080");
            Assert.Equal([true, false], state.Endpoints.Select(endpoint => endpoint.Transport.IsSecured));
            Assert.Contains("set Mesh:Kubernetes:Pods to false", Assert.Single(run.Warnings), StringComparison.Ordinal);
        }

        await using var without = new SourceRun(server, WithPods with { ReadsPods = false });
        EndpointSet plain = await without.UntilAsync("10.1.0.1:8080 10.1.0.2:8080");
        Assert.All(plain.Endpoints, endpoint => Assert.Equal(EndpointTransport.Plaintext, endpoint.Transport));
        Assert.Null(plain.Problem);
    }

    [Fact]
    public async Task Pods_that_no_selector_covers_are_looked_up_in_the_namespace()
    {
        var server = new MemoryWatches();
        V1Pod other = Given.Pod("other", labels: [("linkerd.io/control-plane-ns", "linkerd")]);
        other.Metadata.Labels.Remove("app");
        V1Service service = Given.Service();
        service.Spec.Selector = null;
        server.Put(service, other, Given.Slice("a", Given.Endpoint("10.1.0.1").At(pod: "other")));
        await using var run = new SourceRun(server, WithPods);
        EndpointSet state = await run.UntilAsync("10.1.0.1:8080");
        Assert.Equal("catalog.shop.serviceaccount.identity.linkerd.cluster.local", state.Endpoints[0].Transport.Peer?.Identity.Name);
        Assert.Contains("pods shop", server.Watched);

        // With one that does not cover it.
        server.Put(Given.Service(), Given.Pod("p"), Given.Slice("b", Given.Endpoint("10.1.0.2").At(pod: "p")));
        state = await run.UntilAsync("10.1.0.1:8080 10.1.0.2:8080");
        Assert.Equal([true, false], state.Endpoints.Select(endpoint => endpoint.Transport.Peer is not null));
        Assert.Contains("pods shop", server.Watched);

        // The controller's own slices it covers: a pod that is missing is on its way.
        server.Remove(Given.Slice("a"));
        V1EndpointSlice own = Given.Slice("c", Given.Endpoint("10.1.0.3").At(pod: "late"));
        own.Metadata.Labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io";
        server.Put(own);
        state = await run.UntilAsync("10.1.0.2:8080 10.1.0.3:8080");
        Assert.Equal((true, null), (state.Endpoints[1].Transport.IsSecured, state.Endpoints[1].Transport.Peer));
        await Eventually.TrueAsync(() => !server.Watched.Contains("pods shop"));
    }

    [Fact]
    public async Task A_pod_of_another_namespace_is_nobodys()
    {
        var server = new MemoryWatches();
        V1Endpoint endpoint = Given.Endpoint("10.1.0.1").At(pod: "p");
        endpoint.TargetRef.NamespaceProperty = "elsewhere";
        server.Put(Given.Service(), Given.Pod("p"), Given.Slice("a", endpoint));
        await using var run = new SourceRun(server, WithPods);
        EndpointSet state = await run.UntilAsync("10.1.0.1:8080");
        Assert.Equal(
            new EndpointTransport(Framing.MeshTls) { Doubt = "is a pod of another namespace than its slice" },
            state.Endpoints[0].Transport);
        Assert.Contains("the pod elsewhere/p of another namespace", Assert.Single(state.Policy!.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_selector_there_are_no_pods_to_read()
    {
        var server = new MemoryWatches();
        V1Service service = Given.Service();
        service.Spec.Selector = null;
        server.Put(service, Given.Slice("a", Given.Endpoint("192.0.2.1")));
        await using var run = new SourceRun(server, WithPods);
        await run.UntilAsync("192.0.2.1:8080");
        Assert.DoesNotContain(server.Watched, query => query.StartsWith("pods", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_external_name_has_no_slices()
    {
        var server = new MemoryWatches();
        V1Service service = Given.Service();
        (service.Spec.Type, service.Spec.ExternalName) = ("ExternalName", "api.example.com");
        server.Put(service);
        await using var run = new SourceRun(server);
        await run.UntilAsync("api.example.com:80");
        Assert.DoesNotContain(server.Watched, query => query.StartsWith("endpointslices", StringComparison.Ordinal));
        server.Put(Given.Service());
        await run.UntilAsync("");
        Assert.Contains(server.Watched, query => query.StartsWith("endpointslices", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_of_several_clusters_is_an_import()
    {
        var server = new MemoryWatches();
        server.Tell("serviceimports", ResourceStatus.NotServed);
        V1EndpointSlice slice = Given.Slice("a", Given.Endpoint("10.1.0.1"));
        slice.Metadata.Labels = new Dictionary<string, string> { ["multicluster.kubernetes.io/service-name"] = "catalog" };
        server.Put(slice);
        server.Put(new ServiceImport
        {
            Metadata = new V1ObjectMeta { Name = "catalog", NamespaceProperty = "shop" },
            Spec = new ServiceImportSpec { Type = "ClusterSetIP", Ports = [Given.Port(80, "http")] },
        });
        await using var run = new SourceRun(server, WithPods, "catalog.shop.svc.clusterset.local");
        EndpointSet none = await run.UntilAsync(state => state.Status is EndpointSetStatus.NotFound);
        Assert.Equal("there is no ServiceImport shop/catalog", none.Problem);
        server.Tell("serviceimports", ResourceStatus.Known);
        await run.UntilAsync("10.1.0.1:8080");
    }

    [Fact]
    public async Task An_object_in_no_legal_form_leaves_the_last_state()
    {
        var server = new MemoryWatches();
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")));
        await using var run = new SourceRun(server);
        await run.UntilAsync("10.1.0.1:8080");
        V1EndpointSlice broken = Given.Slice("b");
        broken.Endpoints = [null!];
        server.Put(broken);
        EndpointSet state = await run.UntilAsync(state => state.Problem is not null);
        Assert.Equal(EndpointSetStatus.Known, state.Status);
        Assert.Contains("could not be read", state.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(run.BadInputs);
        server.Remove(broken);
        await run.UntilAsync(state => state.Problem is null);
    }

    [Fact]
    public async Task What_makes_no_sense_is_counted_told_once_and_shown()
    {
        var server = new MemoryWatches();
        server.Put(Given.Service().Annotated("mesh.client/framing", "Tls"), Given.Slice("a", Given.Endpoint("10.1.0.1")));
        await using var run = new SourceRun(server);
        EndpointSet state = await run.UntilAsync("10.1.0.1:8080");
        Assert.Contains("'Tls' is none of", Assert.Single(state.Policy!.Problems), StringComparison.Ordinal);
        server.Put(Given.Slice("a", Given.Endpoint("10.1.0.2")));
        await run.UntilAsync("10.1.0.2:8080");
        Assert.Contains("'Tls' is none of", Assert.Single(run.Warnings), StringComparison.Ordinal);
        Assert.Single(run.BadInputs);
    }

    [Fact]
    public async Task Routes_make_its_policy_and_what_they_name_is_watched_while_they_do()
    {
        var server = new MemoryWatches();
        V1Service canary = Given.Service();
        canary.Metadata.Name = "canary";
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")), canary);
        await using var run = new SourceRun(server);
        EndpointSet plain = await run.UntilAsync("10.1.0.1:8080");
        Assert.NotNull(plain.Policy);
        Assert.Null(plain.Policy.Routing);

        HttpRoute route = To("canary");
        server.Put(route);
        EndpointSet routed = await run.UntilAsync(state => state.Policy?.Routing is not null);
        Assert.Equal("10.1.0.1:8080", Assert.Single(routed.Endpoints).Address.Text);
        Assert.Contains("services shop metadata.name=canary", server.Watched);

        server.Remove(route);
        await run.UntilAsync(state => state.Policy is { Routing: null });
        await Eventually.TrueAsync(() => !server.Watched.Contains("services shop metadata.name=canary"));
    }

    [Fact]
    public async Task While_what_a_new_route_names_is_looked_up_endpoints_move_under_the_last_policy()
    {
        var server = new MemoryWatches();
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")), Canary());
        await using var run = new SourceRun(server);
        await run.UntilAsync("10.1.0.1:8080");
        server.Tell("services shop metadata.name=canary", ResourceStatus.Unknown);
        server.Put(To("canary"));
        EndpointSet waiting = await run.UntilAsync(state => state.Problem is not null);
        Assert.Contains("Service shop/canary of a route is not known yet", waiting.Problem, StringComparison.Ordinal);
        server.Put(Given.Slice("a", Given.Endpoint("10.1.0.2")));
        EndpointSet moved = await run.UntilAsync("10.1.0.2:8080");
        Assert.Null(moved.Policy!.Routing);
        server.Tell("services shop metadata.name=canary", ResourceStatus.Known);
        EndpointSet routed = await run.UntilAsync(state => state.Policy?.Routing is not null);
        Assert.Null(routed.Problem);
    }

    [Fact]
    public async Task A_policy_is_read_anew_when_something_of_it_is_new_and_only_then()
    {
        var server = new MemoryWatches();
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")), Canary(), To("canary"));
        await using var run = new SourceRun(server);
        TrafficPolicy first = (await run.UntilAsync("10.1.0.1:8080")).Policy!;
        Assert.Empty(first.Problems);
        server.Put(Given.Slice("a", Given.Endpoint("10.1.0.2")));
        Assert.Same(first, (await run.UntilAsync("10.1.0.2:8080")).Policy);
        server.Remove(Canary());
        TrafficPolicy without = (await run.UntilAsync(state => state.Policy!.Problems.Length > 0)).Policy!;
        Assert.Contains("Service shop/canary:80 does not exist", Assert.Single(without.Problems), StringComparison.Ordinal);
        server.Put(Canary());
        Assert.Equal(first, (await run.UntilAsync(state => state.Policy!.Problems.IsEmpty)).Policy);
        server.Put(Given.Service().Annotated("timeout.linkerd.io/request", "5s"));
        await run.UntilAsync(state => state.Policy!.Routing!.Default.Timeouts.Request is not null);
    }

    [Fact]
    public async Task The_family_that_this_host_alone_has_is_called_unless_told_otherwise()
    {
        var server = new MemoryWatches();
        V1EndpointSlice six = Given.Slice("b", [Given.SlicePort(8080)], [Given.Endpoint("fd00::1")], addressType: "IPv6");
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")), six);
        var setup = new KubernetesSetup { Namespace = "web", HostFamily = MeshIPFamily.IPv6 };
        await using var run = new SourceRun(server, setup);
        await run.UntilAsync("[fd00::1]:8080");
        await using var told = new SourceRun(server, setup with { Place = new ClientPlace(Family: MeshIPFamily.IPv4) });
        await told.UntilAsync("10.1.0.1:8080");
    }

    [Theory]
    [InlineData("v1/referencegrants", "v1beta1/referencegrants")]
    [InlineData("v1beta1/referencegrants", "v1/referencegrants")]
    public async Task Grants_are_read_in_the_version_that_is_served(string missing, string served)
    {
        var server = new MemoryWatches();
        server.Tell(missing, ResourceStatus.NotServed);
        V1Service canary = Canary();
        canary.Metadata.NamespaceProperty = "other";
        ReferenceGrant grant = KubernetesJson.Deserialize<ReferenceGrant>(
            """
            {
              "metadata": { "name": "grant", "namespace": "other" },
              "spec": {
                "from": [ { "group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "shop" } ],
                "to": [ { "group": "", "kind": "Service" } ]
              }
            }
            """);
        server.Put(Given.Service(), Given.Slice("a", Given.Endpoint("10.1.0.1")), canary, To("canary", "other"));
        await using var run = new SourceRun(server, new KubernetesSetup { Namespace = "web", RequiresGrants = true });
        EndpointSet state = await run.UntilAsync("10.1.0.1:8080");
        Assert.Contains("no ReferenceGrant lets it name", Assert.Single(state.Policy!.Problems), StringComparison.Ordinal);
        server.Put(grant);
        await run.UntilAsync(state => state.Policy!.Problems.IsEmpty);

        // Served in neither, there are none.
        server.Tell(served, ResourceStatus.NotServed);
        await run.UntilAsync(state => state.Policy!.Problems.Length == 1);
    }

    private static V1Service Canary()
    {
        V1Service canary = Given.Service();
        canary.Metadata.Name = "canary";
        return canary;
    }

    private static HttpRoute To(string service, string ns = "shop") => KubernetesJson.Deserialize<HttpRoute>(
        $$"""
        {
          "metadata": { "name": "split", "namespace": "shop" },
          "spec": {
            "parentRefs": [ { "group": "", "kind": "Service", "name": "catalog" } ],
            "rules": [ { "backendRefs": [ { "name": "{{service}}", "namespace": "{{ns}}", "port": 80 } ] } ]
          }
        }
        """);
}
