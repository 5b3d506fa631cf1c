using System.Net;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.KubernetesTests.EndToEnd;

public sealed class KubernetesClientTests
{
    [Fact]
    public async Task A_call_goes_to_the_endpoints_of_the_Service_and_follows_them()
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        await using Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Service("catalog");
            cluster.Endpoint("catalog", one);
            cluster.Endpoint("catalog", two);
        });
        await cluster.CallAsync(40);
        Assert.Equal(40, one.Hits + two.Hits);
        Assert.True(one.Hits > 0 && two.Hits > 0);

        cluster.Remove("catalog", one);
        await cluster.OnlyAsync(two, one);
        cluster.Endpoint("catalog", one);
        cluster.Endpoint("catalog", two, ready: false, serving: true, terminating: true);
        await cluster.OnlyAsync(one, two);
    }

    [Fact]
    public async Task A_route_splits_calls_between_Services()
    {
        await using Backend old = await Backend.StartAsync();
        await using Backend canary = await Backend.StartAsync();
        await using Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Service("catalog");
            cluster.Service("canary");
            cluster.Endpoint("catalog", old);
            cluster.Endpoint("canary", canary);
            cluster.Route("split", Split(50, 50));
        });
        await cluster.CallAsync(60);
        Assert.Equal(60, old.Hits + canary.Hits);
        Assert.True(old.Hits > 0 && canary.Hits > 0);

        cluster.Route("split", Split(0, 100));
        await cluster.OnlyAsync(canary, old);
        cluster.Route("split", Split(100, 0));
        await cluster.OnlyAsync(old, canary);

        static string Split(int old, int canary) =>
            $$"""
            {
              "parentRefs": [ { "group": "", "kind": "Service", "name": "catalog" } ],
              "rules": [ { "backendRefs": [
                { "name": "catalog", "port": 80, "weight": {{old}} },
                { "name": "canary", "port": 80, "weight": {{canary}} } ] } ]
            }
            """;
    }

    [Theory]
    [InlineData("services")]
    [InlineData("endpointslices")]
    [InlineData("httproutes")]
    [InlineData("grpcroutes")]
    public async Task Kinds_may_come_in_any_order(string late)
    {
        await using Backend old = await Backend.StartAsync();
        await using Backend canary = await Backend.StartAsync();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Service("catalog");
            cluster.Service("canary");
            cluster.Endpoint("catalog", old);
            cluster.Endpoint("canary", canary);
            cluster.Route("all", """
                {
                  "parentRefs": [ { "group": "", "kind": "Service", "name": "catalog" } ],
                  "rules": [ { "backendRefs": [ { "name": "canary", "port": 80 } ] } ]
                }
                """);
            cluster.Server.OnListed = call => call.Plural == late ? held.Task : Task.CompletedTask;
        });
        Task call = cluster.CallAsync();
        await Eventually.TrueAsync(() =>
            cluster.Server.Calls.Any(asked => asked.Verb == "list" && asked.Plural == late));
        Assert.False(call.IsCompleted);
        held.SetResult();
        await call;
        await cluster.CallAsync(10);
        Assert.Equal((0, 11), (old.Hits, canary.Hits));
    }

    [Fact]
    public async Task Calls_go_on_while_the_API_server_is_away_and_follow_it_when_it_is_back()
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        await using Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Service("catalog");
            cluster.Endpoint("catalog", one);
        });
        await cluster.CallAsync();
        await cluster.Server.StopAsync();
        await Eventually.TrueAsync(() => cluster.Host.Snapshot()?.Set.Problem is not null);
        await cluster.CallAsync(20);
        Assert.Equal(21, one.Hits);

        cluster.Remove("catalog", one);
        cluster.Endpoint("catalog", two);
        await cluster.Server.StartAgainAsync();
        await cluster.OnlyAsync(two, one);
        await Eventually.TrueAsync(() => cluster.Host.Snapshot()?.Set.Problem is null);
    }

    [Fact]
    public async Task A_call_for_what_may_not_be_read_says_the_missing_verb_and_resource()
    {
        await using Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Service("catalog");
            cluster.Server.OnCall = call => call.Plural == "endpointslices" ? Fault.Forbidden() : null;
        });
        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => cluster.CallAsync());
        Assert.Equal(MeshFailure.DiscoveryUnavailable, exception.Reason);
        Assert.Contains(
            "the verb 'watch' on endpointslices.discovery.k8s.io in namespace shop", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Check Mesh:Kubernetes and the RBAC rules of this process.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("httproutes")]
    [InlineData("grpcroutes")]
    public async Task While_routes_cannot_be_listed_calls_wait_and_then_say_so(string routes)
    {
        var clock = new RecordingClock();
        await using Backend one = await Backend.StartAsync();
        await using Cluster cluster = await Cluster.StartAsync(
            cluster =>
            {
                cluster.Service("catalog");
                cluster.Endpoint("catalog", one);
                cluster.Server.OnCall = call => call.Plural == routes ? new Fault(503, "etcdserver: no leader") : null;
            },
            clock);
        Task call = cluster.CallAsync();
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return call.IsCompleted;
        });
        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.DiscoveryUnavailable, exception.Reason);
        Assert.Contains(
            $"{routes}.gateway.networking.k8s.io in namespace shop are not known, which say where calls go",
            exception.Message,
            StringComparison.Ordinal);
        Assert.Contains("etcdserver: no leader", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, one.Hits);

        // Who waits while they come back is served.
        call = cluster.CallAsync();
        await Eventually.TrueAsync(() => cluster.Host.Service().Waiting > 0);
        cluster.Server.OnCall = null;
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            return call.IsCompleted;
        });
        await call;
        Assert.Equal(1, one.Hits);
    }

    [Theory]
    [InlineData("http://catalog:81/", "Service shop/catalog has no port 81; its ports are 80 (http)")]
    [InlineData("http://nothing/", "there is no Service shop/nothing")]
    public async Task A_call_for_what_is_not_there_fails_at_once_and_says_so(string uri, string problem)
    {
        await using Cluster cluster = await Cluster.StartAsync(cluster => cluster.Service("catalog"));
        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => cluster.CallAsync(uri: uri));
        Assert.Equal(MeshFailure.UnknownService, exception.Reason);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_runs_a_mesh_server_has_an_identity_that_its_annotation_tells()
    {
        await using Backend one = await Backend.StartAsync();
        await using Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Server.Set(ResourceTypes.Services, Given.Service().Annotated("mesh.client/identity", "catalog.mesh"));
            cluster.Endpoint("catalog", one);
        });

        // A mesh without TLS: what is known of identities is not used, and pods are not read for it.
        await cluster.CallAsync();
        EndpointTransport told = Assert.Single(cluster.Host.Snapshot()!.Set.Endpoints).Transport;
        Assert.Equal((Framing.MeshTls, "catalog.mesh"), (told.Framing, told.Peer?.Identity.Name));
        Assert.DoesNotContain(cluster.Server.Calls, call => call.Plural == "pods");
    }

    [Fact]
    public async Task The_API_server_is_a_control_plane_among_others()
    {
        await using Backend one = await Backend.StartAsync();
        await using Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Service("catalog");
            cluster.Endpoint("catalog", one);
        });
        await cluster.CallAsync();
        ControlPlaneStreams streams = Assert.Single(cluster.Host.Services.GetRequiredService<ControlPlanes>().Streams);
        Assert.Equal(new Uri(cluster.Server.Configuration.Host).GetLeftPart(UriPartial.Authority), streams.Address);
        await Eventually.TrueAsync(() => streams.State == "connected" && streams.Count(StreamKind.Resources, StreamState.Open) >= 3);
    }

    [Fact]
    public async Task Where_it_is_not_enabled_it_is_not_asked()
    {
        await using Cluster cluster = await Cluster.StartAsync(cluster => cluster.Service("catalog"), ("Kubernetes:Enabled", "false"));
        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => cluster.CallAsync());
        Assert.Contains("it is not enabled", exception.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Server.Calls);
    }

    [Fact]
    public async Task With_grants_required_another_namespaces_backend_answers_500_until_it_is_granted()
    {
        await using Backend backend = await Backend.StartAsync();
        await using Cluster cluster = await Cluster.StartAsync(
            cluster =>
            {
                cluster.Service("catalog");
                cluster.Elsewhere("other", "remote", backend);
                cluster.Route("catalog", """
                    {
                      "parentRefs": [ { "kind": "Service", "group": "", "name": "catalog" } ],
                      "rules": [ { "backendRefs": [ { "name": "remote", "namespace": "other", "port": 80 } ] } ]
                    }
                    """);
            },
            ("Kubernetes:RequireReferenceGrants", "true"), ("Services:catalog:Retry:MaxRetries", "0"));

        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync());
        cluster.Grant("other");
        await Eventually.TrueAsync(async () => await StatusAsync() is HttpStatusCode.OK);
        cluster.Server.Delete(ReferenceGrant.Type, "other", "grant");
        await Eventually.TrueAsync(async () => await StatusAsync() is HttpStatusCode.InternalServerError);

        async Task<HttpStatusCode> StatusAsync()
        {
            using HttpResponseMessage response = await cluster.Client.GetAsync("http://catalog/", TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }
}
