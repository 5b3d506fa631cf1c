using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>An endpoint that comes back at another address keeps its keys, when it has another name to hash by.</summary>
public sealed class EndpointKeyTests : IAsyncLifetime
{
    private const int Users = 40;

    private readonly List<InProcessServer> _pods = [];

    public async ValueTask InitializeAsync()
    {
        // The fourth takes the second's place.
        foreach (string pod in (string[])["pod-0", "pod-1", "pod-2", "pod-1"])
        {
            _pods.Add(await InProcessServer.HttpAsync(pod));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (InProcessServer pod in _pods)
        {
            await pod.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("HashKey", "HashKey")]
    [InlineData("EndpointKey:Label", "Labels:pod")]
    public async Task Send_FromConfigurationAddressChanges_KeysStay(string key, string field)
    {
        string setting = key == "HashKey" ? "EndpointKey" : key;
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            ($"Services:catalog:LoadBalancing:{setting}", key == "HashKey" ? key : "pod"), .. Pods(field, 0, 1, 2),
        ]);
        await AssertKeysStayAsync(mesh, () => mesh.Set(Pods(field, 0, 3, 2)));
    }

    [Theory]
    [InlineData("HashKey", "HashKey")]
    [InlineData("EndpointKey:Label", "Labels:pod")]
    public async Task Send_FromAControlPlaneAddressChanges_KeysStay(string key, string field)
    {
        string setting = key == "HashKey" ? "EndpointKey" : key;
        var source = new MeshSettings.Source([.. Pods(field, 0, 1, 2)]);
        await using InProcessServer controlPlane = await ControlPlaneAsync(source);
        await using MeshHost mesh = await MeshHost.StartAsync(new()
        {
            ["ControlPlane:Address"] = controlPlane.Address.ToString(),
            [$"Services:catalog:LoadBalancing:{setting}"] = key == "HashKey" ? key : "pod",
        });
        await AssertKeysStayAsync(mesh, () => source.Change(Pods(field, 0, 3, 2)));
    }

    /// <summary>What the Destination API has no field for travels in labels, and is there for a balancer to see.</summary>
    [Fact]
    public async Task Send_FromAControlPlane_EverythingItKnowsArrives()
    {
        const string First = "Services:catalog:Endpoints:0";
        var source = new MeshSettings.Source(new()
        {
            [$"{First}:Address"] = _pods[0].Address.Authority,
            [$"{First}:Weight"] = "7",
            [$"{First}:Priority"] = "2",
            [$"{First}:Zone"] = "eu-1a",
            [$"{First}:HashKey"] = "catalog-0",
            [$"{First}:Labels:pod"] = "catalog-0-x",
            [$"{First}:Labels:app.kubernetes.io/version"] = "1.2 beta",
            ["Services:catalog:Endpoints:1:Address"] = "127.0.0.1:2",
            ["Services:catalog:Endpoints:1:Identity"] = "catalog.shop.example",
            ["Services:catalog:Endpoints:1:Framing"] = "Https",
            ["Services:catalog:Endpoints:2:Address"] = "127.0.0.1:3",
            ["Services:catalog:Endpoints:2:Identity"] = "spiffe://shop/catalog",
            ["Services:catalog:Endpoints:2:Framing"] = "TransportHeader",
            ["Services:catalog:Endpoints:2:InboundPort"] = "4144",
        });
        await using InProcessServer controlPlane = await ControlPlaneAsync(source);
        var first = new First();
        await using MeshHost mesh = await MeshHost.StartAsync(
            new()
            {
                ["ControlPlane:Address"] = controlPlane.Address.ToString(),
                ["Services:catalog:LoadBalancing:Policy"] = "First",
                ["Services:catalog:LoadBalancing:EndpointKey"] = "HashKey",
            },
            services => services.AddMeshClient(_ => { }).AddLoadBalancer("First", _ => first));

        Assert.Equal("pod-0", await mesh.WhoAsync());

        MeshEndpoint seen = first.Seen!.Single(endpoint => endpoint.Address == _pods[0].Address.Authority);
        Assert.Equal((7, 2, "eu-1a", "catalog-0"), (seen.Weight, seen.Priority, seen.Zone, seen.HashKey));
        Assert.Equal(("catalog-0-x", "1.2 beta"), (seen.Labels["pod"], seen.Labels["app.kubernetes.io/version"]));
        Assert.Equal(
            ["catalog.shop.example", "spiffe://shop/catalog"], first.Seen!.Select(endpoint => endpoint.Identity).OfType<string>().Order());
        Endpoint[] all = [.. mesh.Snapshot()!.Set.Endpoints.OrderBy(endpoint => endpoint.Address.Port)];
        Assert.Equal((Framing.Https, Framing.TransportHeader, 4144), (
            all[0].Transport.Framing, all[1].Transport.Framing, all[1].Transport.InboundPort));
    }

    private async Task AssertKeysStayAsync(MeshHost mesh, Action change)
    {
        string[] before = await WhoAsync(mesh);
        Assert.Equal(3, before.Distinct().Count());

        change();
        await Eventually.TrueAsync(() =>
            mesh.Snapshot()!.Endpoints.Any(endpoint => endpoint.Address.Text == _pods[3].Address.Authority)
            && mesh.Snapshot()!.Endpoints.All(endpoint => endpoint.Address.Text != _pods[1].Address.Authority));

        Assert.Equal(before, await WhoAsync(mesh));
    }

    private static async Task<string[]> WhoAsync(MeshHost mesh)
    {
        string[] who = new string[Users];
        for (int user = 0; user < Users; user++)
        {
            who[user] = await mesh.WhoAsync($"user-{user}");
        }

        return who;
    }

    private IEnumerable<(string Key, string? Value)> Pods(string field, params int[] pods) => pods.SelectMany((pod, i) =>
        ((string Key, string? Value)[])
        [
            ($"Services:catalog:Endpoints:{i}:Address", _pods[pod].Address.Authority),
            ($"Services:catalog:Endpoints:{i}:{field}", $"catalog-{i}"),
        ]);

    private static Task<InProcessServer> ControlPlaneAsync(MeshSettings.Source source) => InProcessServer.StartAsync(
        services => services.AddMeshControlPlane(new ConfigurationBuilder().Add(source).Build().GetSection("Mesh")),
        app => app.MapMeshControlPlane());

    /// <summary>Keeps what it sees.</summary>
    private sealed class First : ILoadBalancer
    {
        public IReadOnlyList<MeshEndpoint>? Seen { get; private set; }

        public LoadBalancerPick Pick(in LoadBalancerContext context)
        {
            Seen = context.Endpoints;
            for (int i = 0; i < context.Endpoints.Count; i++)
            {
                if (context.CanPick(i) && context.Endpoints[i].Identity is null)
                {
                    return new LoadBalancerPick(i);
                }
            }

            return LoadBalancerPick.None;
        }
    }
}
