using System.Net;
using System.Text.Json;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Tests.Discovery;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>States that take more than a call: of control planes, endpoints, peers.</summary>
public sealed class StatusStateTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Other = "other.shop.serviceaccount.identity.linkerd.cluster.local";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ControlPlane_ThatIsWatched_IsConnectedWithItsStreams()
    {
        await using Backend backend = await Backend.StartAsync();
        var source = new ManualSource();
        Assert.True(EndpointAddress.TryParse(backend.Address, out EndpointAddress? address));
        source.Set(EndpointSet.Known([new Endpoint(address)]));
        await using InProcessServer plane = await InProcessServer.StartAsync(
            services => services.AddSingleton<IEndpointSource>(source).AddMeshControlPlane(),
            app => app.MapMeshControlPlane());
        await using StatusApp app = await StatusApp.StartAsync([("ControlPlane:Address", plane.Address.ToString())]);
        using HttpClient mesh = app.Mesh();
        (await mesh.GetAsync("/", Stop)).Dispose();

        JsonElement told = default;
        await Eventually.TrueAsync(async () =>
        {
            told = Assert.Single((await app.JsonAsync("/mesh")).GetProperty("controlPlanes").EnumerateArray());
            return told.GetProperty("streams").EnumerateArray().Any(stream =>
                (stream.GetProperty("kind").GetString(), stream.GetProperty("state").GetString()) == ("endpoints", "open"));
        });

        Assert.Equal("connected", told.GetProperty("state").GetString());
        Assert.False(told.TryGetProperty("problem", out _));
        string line = (await app.TextAsync("/mesh")).Split('\n').Single(line => line.StartsWith(told.GetProperty("address").GetString()!));
        Assert.Contains("connected", line, StringComparison.Ordinal);
        Assert.Contains("1 endpoints open", line, StringComparison.Ordinal);
        JsonElement service = (await app.JsonAsync("/mesh/services/catalog")).GetProperty("services")[0];
        Assert.StartsWith("control plane", service.GetProperty("source").GetString(), StringComparison.Ordinal);
    }

    /// <summary>As a control plane may say it, with other filters for each side.</summary>
    [Fact]
    public async Task Split_BetweenTwoSidesOfOneService_TellsThemApartByKey()
    {
        await using Backend backend = await Backend.StartAsync();
        Assert.True(EndpointAddress.TryParse(backend.Address, out EndpointAddress? address));
        var orders = new RouteBackend(new ServiceName("orders.default.svc.cluster.local", 80));
        var items = new RouteBackend(new ServiceName("items.default.svc.cluster.local", 80), Weight: 0);
        var source = new ManualSource();
        source.Set(EndpointSet.Known([new Endpoint(address)]) with
        {
            Policy = new TrafficPolicy
            {
                Routing = new RoutingPolicy(
                    [new RoutePolicy("split") { Backends = [orders, orders, items] }], new RoutePolicy(RoutingPolicy.DefaultName)),
            },
        });
        await using StatusApp app = await StatusApp.StartAsync(
            [], configure: builder => builder.Services.AddSingleton<IEndpointSource>(source));
        using HttpClient mesh = app.Mesh();

        // The first may take no route: it makes the service known.
        (await mesh.GetAsync("/", Stop)).Dispose();
        await app.KnownAsync();
        (await mesh.GetAsync("/", Stop)).Dispose();

        JsonElement[] sides =
        [
            .. (await app.JsonAsync("/mesh/services/catalog")).GetProperty("services")[0].GetProperty("routes")[0]
                .GetProperty("backends").EnumerateArray(),
        ];

        Assert.Equal(
            [orders.Service.Authority, $"{orders.Service.Authority}#2", items.Service.Authority],
            sides.Select(side => side.GetProperty("key").GetString()));
        Assert.All(sides[..2], side => Assert.Equal(0.5, side.GetProperty("wantedShare").GetDouble()));
        Assert.All(sides[..2], side => Assert.Equal(1, side.GetProperty("traffic").GetProperty("calls").GetInt32()));
        Assert.All(sides[..2], side => Assert.False(side.TryGetProperty("liveShare", out _)));
        Assert.Equal(0, sides[2].GetProperty("liveShare").GetDouble());
        Assert.Contains("orders.default:80#2", await app.TextAsync("/mesh/services/catalog"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_ThatFailed_IsEjectedInTextAndJson()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using StatusApp app = await StatusApp.StartAsync(
        [
            ("Services:catalog:LoadBalancing:Policy", "RoundRobin"),
            ("Services:catalog:Retry:MaxRetries", "0"),
            ("Services:catalog:Endpoints:0:Address", good.Address),
            ("Services:catalog:Endpoints:1:Address", bad.Address),
        ]);
        await app.KnownAsync();
        using HttpClient mesh = app.Mesh();
        while (bad.Hits < 7)
        {
            (await mesh.GetAsync("/", Stop)).Dispose();
        }

        JsonElement service = (await app.JsonAsync("/mesh/services/catalog")).GetProperty("services")[0];

        Assert.Equal(1, service.GetProperty("endpointStates").GetProperty("ejected").GetInt32());
        JsonElement ejected = service.GetProperty("endpoints")[0];
        Assert.Equal((bad.Address, "ejected"), (ejected.GetProperty("address").GetString(), ejected.GetProperty("state").GetString()));
        string why = ejected.GetProperty("why").GetString()!;
        Assert.NotEmpty(why);
        string[] lines = (await app.TextAsync("/mesh/services/catalog")).Split('\n');
        Assert.Contains(lines, line => line.StartsWith(bad.Address) && line.Contains("  ejected  ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"! {bad.Address} ", StringComparison.Ordinal));
        Assert.Contains("  1/2  ", await app.TextAsync("/mesh"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_UnderStrict_AreToldByTheirIdentities()
    {
        var ca = new TestCa();
        var own = new ManualCredentials(ca.Issue("catalog.shop.serviceaccount.identity.linkerd.cluster.local"), ca.Trust);
        await using MeshServer server = await MeshServer.StartAsync(
            own, MeshIdentityMode.Strict, map: app => app.MapMeshStatus().RequireMeshIdentity(Web));
        Assert.False(await new MeshCaller(server) { Tls = false }.IsServedAsync());
        using HttpMessageInvoker other = new MeshCaller(server) { Credential = ca.Issue(Other) }.Invoker();
        using (var request = new HttpRequestMessage(HttpMethod.Get, "http://server/mesh"))
        using (HttpResponseMessage refused = await other.SendAsync(request, Stop))
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        var caller = new MeshCaller(server) { Credential = ca.Issue(Web) };

        using JsonDocument status = JsonDocument.Parse(await caller.GetAsync(HttpVersion.Version11, "http://server/mesh?format=json"));

        Assert.Equal("Strict", status.RootElement.GetProperty("identity").GetProperty("mode").GetString());
        (string?, long, long)[] peers =
        [
            .. status.RootElement.GetProperty("inbound").GetProperty("peers").EnumerateArray().Select(peer => (
                peer.GetProperty("identity").GetString(), peer.GetProperty("allowed").GetInt64(), peer.GetProperty("refused").GetInt64())),
        ];
        Assert.Equal([(Other, 0, 1), (Web, 1, 0)], peers);
        Assert.False(status.RootElement.GetProperty("inbound").TryGetProperty("otherPeers", out _));
        string text = await caller.GetAsync(HttpVersion.Version11, "http://server/mesh");
        Assert.Contains($"{Web}          2        0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_WhenTheServersChangeIsRefused_SaysWhyAndWhatHolds()
    {
        var settings = new MeshSettings.Source(new MeshSettings { ("Server:InboundPolicy", "audit") });
        await using StatusApp app = await StatusApp.StartAsync([], configure: builder =>
        {
            ((IConfigurationBuilder)builder.Configuration).Add(settings);
            builder.AddMeshServer();
        });

        settings.Change([("Server:InboundPolicy", "nobody")]);

        JsonElement configuration = (await app.JsonAsync("/mesh")).GetProperty("configuration");
        Assert.Equal(1, configuration.GetProperty("refusedReloads").GetInt32());
        Assert.StartsWith("Mesh:Server:InboundPolicy: ", configuration.GetProperty("problem").GetString(), StringComparison.Ordinal);
        JsonElement policy = configuration.GetProperty("settings").EnumerateArray().Single(
            setting => setting.GetProperty("path").GetString() == "Mesh:Server:InboundPolicy");
        Assert.Equal("audit", policy.GetProperty("value").GetString());
        Assert.Equal("configuration before the change that was refused", policy.GetProperty("source").GetString());

        settings.Change([("Namespace", "two.labels")]);

        configuration = (await app.JsonAsync("/mesh")).GetProperty("configuration");
        Assert.Equal(3, configuration.GetProperty("refusedReloads").GetInt32());
        Assert.Contains("Mesh:Namespace: ", configuration.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Contains("Mesh:Server:InboundPolicy: ", configuration.GetProperty("problem").GetString(), StringComparison.Ordinal);

        settings.Change([("Namespace", "shop"), ("Server:InboundPolicy", "all-unauthenticated")]);

        configuration = (await app.JsonAsync("/mesh")).GetProperty("configuration");
        Assert.Equal(3, configuration.GetProperty("refusedReloads").GetInt32());
        Assert.False(configuration.TryGetProperty("problem", out _));
    }
}
