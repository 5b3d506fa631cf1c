using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.FanOut;

/// <summary>What Kubernetes says, told by a control plane to clients that do not ask Kubernetes.</summary>
public sealed class FanOutTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_of_the_control_plane_follows_the_endpoints(bool policies)
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(mesh =>
        {
            mesh.Service("catalog");
            mesh.Endpoints("catalog", one);
        });
        MeshHost client = policies ? await mesh.ClientAsync() : await mesh.EndpointClientAsync();
        await FanOutMesh.OnlyAsync(client, one);

        mesh.Endpoints("catalog", two);
        mesh.Remove("catalog", one);
        await FanOutMesh.OnlyAsync(client, two);
    }

    [Fact]
    public async Task A_route_splits_calls_and_follows_its_changes()
    {
        await using Backend old = await Backend.StartAsync();
        await using Backend canary = await Backend.StartAsync();
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(mesh =>
        {
            Split(mesh, old, canary);
            mesh.Route("shop", ("catalog", 50), ("canary", 50));
        });
        MeshHost client = await mesh.ClientAsync();
        await FanOutMesh.CallAsync(client, 60);
        Assert.Equal(60, old.Hits + canary.Hits);
        Assert.True(old.Hits > 0 && canary.Hits > 0);

        mesh.Route("shop", ("catalog", 0), ("canary", 100));
        await FanOutMesh.OnlyAsync(client, canary);
    }

    [Fact]
    public async Task A_consumer_route_holds_for_callers_of_its_namespace_only()
    {
        await using Backend old = await Backend.StartAsync();
        await using Backend canary = await Backend.StartAsync();
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(mesh =>
        {
            Split(mesh, old, canary);
            mesh.Route("web", ("canary", 1));
        });
        MeshHost web = await mesh.ClientAsync("web");
        MeshHost shop = await mesh.ClientAsync("shop");
        MeshHost other = await mesh.ClientAsync("other");
        await FanOutMesh.CallAsync(web, 10);
        await FanOutMesh.CallAsync(shop, 10);
        await FanOutMesh.CallAsync(other, 10);
        Assert.Equal((20, 10), (old.Hits, canary.Hits));
    }

    [Fact]
    public async Task The_zone_of_the_control_plane_is_not_that_of_its_clients()
    {
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(
            mesh =>
            {
                mesh.Service("catalog");
                mesh.Server.Set(ResourceTypes.Slices, Given.Slice(
                    "catalog-1",
                    Given.Endpoint("127.0.0.1", ready: true).At(zone: "a").For(zones: ["a"]),
                    Given.Endpoint("127.0.0.2", ready: true).At(zone: "b").For(zones: ["b"])));
            },
            ("Kubernetes:Zone", "a"));
        MeshHost client = await mesh.EndpointClientAsync();
        client.Service("catalog.shop");
        await Eventually.TrueAsync(() => client.Snapshot()?.Set.Endpoints.Length == 2);
        Assert.Equal(["a", "b"], client.Snapshot()!.Set.Endpoints.Select(endpoint => endpoint.Zone).Order());
    }

    [Fact]
    public async Task What_annotations_say_of_retries_holds_at_the_client()
    {
        await using Backend one = await Backend.StartAsync();
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(mesh =>
        {
            mesh.Service("catalog", ("retry.linkerd.io/http", "5xx"), ("retry.linkerd.io/limit", "3"));
            mesh.Endpoints("catalog", one);
        });
        MeshHost client = await mesh.ClientAsync();
        await FanOutMesh.CallAsync(client);
        Assert.Equal(3, client.Snapshot()!.Policy.Retry.MaxRetries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hash_that_annotations_say_gives_Maglev_at_the_client(bool policies)
    {
        Backend[] backends = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Backend.StartAsync()));
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(mesh =>
        {
            mesh.Service("catalog", ("mesh.client/hash-on", "header:x-user"), ("mesh.client/bounded-load", "150"));
            mesh.Endpoints("catalog", backends);
        });
        MeshHost client = policies ? await mesh.ClientAsync() : await mesh.EndpointClientAsync();
        await FanOutMesh.CallAsync(client, 20, user: "ann");
        Assert.Equal(20, backends.Max(backend => backend.Hits));
        LoadBalancingPolicy held = client.Snapshot()!.Policy.LoadBalancing;
        Assert.Equal((LoadBalancingAlgorithm.Maglev, 150), (held.Algorithm, held.BoundedLoad));
        Assert.DoesNotContain(client.Snapshot()!.Set.Endpoints, endpoint => endpoint.Labels.ContainsKey("mesh_hash_on"));

        // What no longer is said holds no longer, though no endpoint has changed.
        mesh.Service("catalog", ("mesh.client/load-balancing", "LeastRequest"));
        await Eventually.TrueAsync(() => client.Snapshot()!.Policy.LoadBalancing is { Algorithm: LoadBalancingAlgorithm.LeastRequest, BoundedLoad: not 150 });
        mesh.Service("catalog");
        await Eventually.TrueAsync(() => client.Snapshot()!.Policy.LoadBalancing.Algorithm is LoadBalancingAlgorithm.PeakEwma);
        await Task.WhenAll(backends.Select(backend => backend.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task What_the_control_planes_own_section_says_stands_over_annotations_and_the_clients_own_over_both()
    {
        await using Backend one = await Backend.StartAsync();
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(
            mesh =>
            {
                mesh.Service("catalog", ("mesh.client/load-balancing", "RingHash"), ("mesh.client/hash-on", "path"));
                mesh.Endpoints("catalog", one);
            },
            ("Services:catalog.shop:LoadBalancing:Policy", "Random"));
        MeshHost client = await mesh.ClientAsync();
        MeshHost own = await mesh.ClientAsync("shop", ("Services:catalog:LoadBalancing:Policy", "RoundRobin"));
        await FanOutMesh.CallAsync(client);
        await FanOutMesh.CallAsync(own);
        Assert.Equal(LoadBalancingAlgorithm.Random, client.Snapshot()!.Policy.LoadBalancing.Algorithm);
        Assert.Equal(LoadBalancingAlgorithm.RoundRobin, own.Snapshot()!.Policy.LoadBalancing.Algorithm);
        Assert.Equal(HashSourceKind.Path, Assert.Single(own.Snapshot()!.Policy.LoadBalancing.HashOn).Kind);
    }

    [Fact]
    public async Task While_the_API_server_is_away_clients_go_on_and_new_ones_are_served()
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(mesh =>
        {
            Split(mesh, one, two);
            mesh.Route("shop", ("canary", 1));
        });
        MeshHost client = await mesh.ClientAsync();
        await FanOutMesh.OnlyAsync(client, two);
        await mesh.Server.StopAsync();
        await FanOutMesh.CallAsync(client, 10);
        MeshHost late = await mesh.ClientAsync();
        await FanOutMesh.CallAsync(late, 10);
        Assert.Equal(0, one.Hits);

        mesh.Route("shop", ("catalog", 1));
        await mesh.Server.StartAgainAsync();
        await FanOutMesh.OnlyAsync(client, one);
        await FanOutMesh.OnlyAsync(late, one);
    }

    [Fact]
    public async Task Without_an_API_server_from_the_start_a_call_says_so_and_no_policy_is_made_up()
    {
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(
            mesh => mesh.Server.OnCall = call => call.Plural == "httproutes" ? Fault.Hang : null);
        mesh.Service("catalog");
        MeshHost client = await mesh.ClientAsync();
        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => FanOutMesh.CallAsync(client));
        Assert.Equal(MeshFailure.DiscoveryUnavailable, exception.Reason);
        Assert.Contains("not known yet", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_clients_of_three_services_cost_the_API_server_what_one_does()
    {
        await using Backend one = await Backend.StartAsync();
        string[] services = ["catalog", "cart", "orders"];
        await using FanOutMesh mesh = await FanOutMesh.StartAsync(mesh => Array.ForEach(services, service =>
        {
            mesh.Service(service);
            mesh.Endpoints(service, one);
        }));
        await CallAllAsync(await mesh.ClientAsync());
        int calls = mesh.Server.Calls.Length;
        int watches = mesh.Server.Store.Watches.Length;
        Assert.Equal(8, watches);

        foreach (MeshHost client in await Task.WhenAll(Enumerable.Range(0, 49).Select(_ => mesh.ClientAsync())))
        {
            await CallAllAsync(client);
        }

        Assert.Equal(150, one.Hits);
        Assert.Equal((calls, watches), (mesh.Server.Calls.Length, mesh.Server.Store.Watches.Length));

        async Task CallAllAsync(MeshHost client)
        {
            foreach (string service in services)
            {
                await FanOutMesh.CallAsync(client, service: service + ".shop");
            }
        }
    }

    private static void Split(FanOutMesh mesh, Backend old, Backend canary)
    {
        mesh.Service("catalog");
        mesh.Service("canary");
        mesh.Endpoints("catalog", old);
        mesh.Endpoints("canary", canary);
    }
}
