using System.Net;
using Grpc.Net.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Providers;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Mesh.Client.Tests.Discovery.Providers;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.FunctionalTests.Discovery.Providers;

public sealed class ServiceDiscoveryProvidersTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Configuration_EveryFormOfTheName_Calls()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(SayHost);
        await using BridgedHost host = await BridgedHost.StartAsync(
            [("catalog:http:0", server.Address.ToString()), ("cart.pay:default", server.Address.Authority)]);

        Assert.Equal("catalog", await host.GetAsync("http://catalog"));
        Assert.Equal("catalog.default", await host.GetAsync("http://catalog.default"));
        Assert.Equal("catalog.default.svc.cluster.local", await host.GetAsync("http://catalog.default.svc.cluster.local"));
        Assert.Equal("catalog:8080", await host.GetAsync("http://catalog:8080"));
        Assert.Equal("cart.pay.svc", await host.GetAsync("http://cart.pay.svc"));
    }

    [Fact]
    public async Task Configuration_HostName_IsDialledByName()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using BridgedHost host = await BridgedHost.StartAsync([("catalog:http:0", $"localhost:{server.Address.Port}")]);

        Assert.Equal("catalog-1", await host.GetAsync("http://catalog"));
        Assert.Equal($"localhost:{server.Address.Port}", host.Mesh.Service().Snapshot.Endpoints.Single().Address.Text);
    }

    [Fact]
    public async Task Configuration_NamedEndpoints_AreServicesOfTheirOwn()
    {
        await using InProcessServer http = await InProcessServer.HttpAsync("http");
        await using InProcessServer admin = await InProcessServer.HttpAsync(SayHost);
        await using InProcessServer grpc = await InProcessServer.GrpcAsync(new ProbeService("grpc"));
        await using BridgedHost host = await BridgedHost.StartAsync(
        [
            ("catalog:http:0", http.Address.ToString()),
            ("catalog:admin:0", admin.Address.ToString()),
            ("catalog:grpc:0", grpc.Address.ToString()),
        ]);
        using GrpcChannel channel = host.Mesh.Channels.CreateChannel("_grpc.catalog");

        Assert.Equal("http", await host.GetAsync("http://catalog"));
        Assert.Equal("_admin.catalog", await host.GetAsync("http://_admin.catalog"));
        Assert.Equal("grpc", (await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Stop)).Name);
    }

    [Fact]
    public async Task Configuration_EndpointsComeAndGo_NoCallFails()
    {
        await using InProcessServer first = await InProcessServer.GrpcAsync(new ProbeService("1"));
        await using InProcessServer second = await InProcessServer.GrpcAsync(new ProbeService("2"));
        await using BridgedHost host = await BridgedHost.StartAsync([("catalog:http:0", first.Address.ToString())]);
        using GrpcChannel channel = host.Mesh.Channel();
        var probe = new Probe.ProbeClient(channel);
        using var enough = new CancellationTokenSource();
        string last = "";
        int calls = 0;
        Task calling = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    last = (await probe.WhoAsync(new ProbeRequest(), cancellationToken: Stop)).Name;
                    calls++;
                }
            },
            Stop);

        for (int i = 0; i < 5; i++)
        {
            host.Set(("catalog:http:0", first.Address.ToString()), ("catalog:http:1", second.Address.ToString()));
            await Eventually.TrueAsync(() => host.Mesh.Service().Snapshot.Endpoints.Length == 2);
            host.Set(("catalog:http:0", second.Address.ToString()));
            await Eventually.TrueAsync(() => calling.IsCompleted || Only(second));
            await Eventually.TrueAsync(() => calling.IsCompleted || last == "2");
            host.Set(("catalog:http:0", first.Address.ToString()));
            await Eventually.TrueAsync(() => calling.IsCompleted || Only(first));
        }

        await enough.CancelAsync();
        await calling;
        Assert.InRange(calls, 10, int.MaxValue);

        bool Only(InProcessServer server) =>
            host.Mesh.Service().Snapshot.Endpoints is [{ Address.Text: var address }] && address == server.Address.Authority;
    }

    [Fact]
    public async Task Configuration_BadReload_TheLastStateStandsUntilItIsMended()
    {
        await using InProcessServer first = await InProcessServer.HttpAsync("1");
        await using InProcessServer second = await InProcessServer.HttpAsync("2");
        await using BridgedHost host = await BridgedHost.StartAsync([("catalog:http:0", first.Address.ToString())]);
        Assert.Equal("1", await host.GetAsync("http://catalog"));

        host.Set(("catalog:http:first", second.Address.ToString()));
        await Eventually.TrueAsync(() => host.Mesh.Service().Snapshot.Set.Problem is not null);
        Assert.Contains("non-numeric keys", host.Mesh.Service().Snapshot.Set.Problem, StringComparison.Ordinal);
        Assert.Equal("1", await host.GetAsync("http://catalog"));

        host.Set(("catalog:http:0", second.Address.ToString()));
        await Eventually.TrueAsync(() => host.Mesh.Service().Snapshot.Set.Problem is null);
        Assert.Equal("2", await host.GetAsync("http://catalog"));
    }

    [Fact]
    public async Task Configuration_HttpAndHttps_TheSchemeChooses()
    {
        await using MeshServer https = await MeshServer.StartAsync(_ca.Issue("catalog.test", _ca));
        await using InProcessServer http = await InProcessServer.HttpAsync(SayHost);
        await using BridgedHost host = await BridgedHost.StartAsync(
            [("catalog:http:0", http.Address.ToString()), ("catalog:https:0", $"https://localhost:{https.Port}")],
            _ca.Issue(SecureMesh.Web, _ca),
            configure: services => services.Configure<ConfigurationServiceEndpointProviderOptions>(
                options => options.ShouldApplyHostNameMetadata = _ => false));

        Assert.Equal("catalog", await host.GetAsync("http://catalog"));
        Assert.Equal("catalog", await host.GetAsync("http+https://catalog"));

        // It is there, but under another name than its address's.
        foreach (string uri in (string[])["https://catalog", "https+http://catalog"])
        {
            MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.GetAsync(uri));
            Assert.Contains("catalog.test", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://catalog")]
    [InlineData("https://catalog")]
    [InlineData("https+http://catalog")]
    [InlineData("http+https://catalog")]
    public async Task Configuration_Https_IsMutualTlsWithTheNameOfTheAddress(string uri)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue("localhost", _ca));
        await using BridgedHost host = await BridgedHost.StartAsync(
            [("catalog:https:0", $"https://localhost:{server.Port}")], _ca.Issue(SecureMesh.Web, _ca));
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        using HttpClient client = host.Mesh.Client();

        using HttpResponseMessage response = await client.SendAsync(request, Stop);

        Assert.StartsWith($"https HTTP/1.1 {SecureMesh.Web} tls", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal((new Uri(uri), null), (request.RequestUri, request.Headers.Host));
    }

    [Fact]
    public async Task Configuration_HttpsWithHostName_ExpectsTheServicesName()
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue("catalog", _ca));
        await using BridgedHost host = await BridgedHost.StartAsync(
            [("catalog:https:0", $"https://127.0.0.1:{server.Port}")],
            _ca.Issue(SecureMesh.Web, _ca),
            configure: services => services.Configure<ConfigurationServiceEndpointProviderOptions>(
                options => options.ShouldApplyHostNameMetadata = _ => true));

        Assert.StartsWith("https", await host.GetAsync("http://catalog"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://catalog")]
    [InlineData("https+http://catalog")]
    public async Task Configuration_HttpsInAMeshWithoutTls_IsNeverCalled(string uri)
    {
        await using var server = new RawServer((_, _) => Task.CompletedTask);
        await using BridgedHost host = await BridgedHost.StartAsync([("catalog:https:0", $"https://localhost:{server.Port}")]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.GetAsync(uri));

        Assert.Contains("Identity:Source is None", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task Configuration_NoProviderKnowsTheName_TheNextSourceIsAsked()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("later");
        ManualSource later = new ManualSource().Set(Instances.Known(server.Address.Authority));
        await using BridgedHost host = await BridgedHost.StartAsync([]);
        IEndpointSource bridge = host.Mesh.Services.GetServices<IEndpointSource>().OfType<ProviderSource>().Single();
        await using var reader = new StateReader(new SourceChain([bridge, later]), new ServiceName("web.default.svc.cluster.local", 80));

        Assert.Equal(Instances.Known(server.Address.Authority), await reader.NextAsync());
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.GetAsync("http://web"));
        Assert.Contains("no provider of service discovery knows http+https://web,", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailingProvider_IsNoWayPastTheMesh()
    {
        ScriptedProvider provider = new ScriptedProvider { Knows = _ => true }.Fails();
        int passed = 0;
        await using BridgedHost host = await BridgedHost.StartAsync(
            [],
            settings: [("UnknownServices", "PassThrough")],
            configure: services =>
            {
                services.AddSingleton<IServiceEndpointProviderFactory>(provider);
                services.AddHttpClient(MeshHost.Name).ConfigurePrimaryHttpMessageHandler(() => new Counting(() => passed++));
            });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.GetAsync("http://catalog"));
        Assert.Contains("out of order", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, passed);

        provider.Says().Change();
        await Eventually.TrueAsync(() => host.Mesh.Service().Snapshot.Set.Status is EndpointSetStatus.NotFound);
        Assert.Equal("passed", await host.GetAsync("http://catalog"));
    }

    [Fact]
    public async Task SystemDns_AddressesWithoutPort_AreCalledAtTheRequestsPort()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        var provider = new ScriptedProvider
        {
            Answer = async (builder, stop) =>
            {
                foreach (IPAddress address in await Dns.GetHostAddressesAsync("localhost", stop))
                {
                    builder.Endpoints.Add(ServiceEndpoint.Create(new IPEndPoint(address, 0)));
                }
            },
        };
        await using BridgedHost host = await BridgedHost.StartAsync(
            [], configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));

        Assert.Equal("catalog-1", await host.GetAsync($"http://catalog:{server.Address.Port}"));
        Assert.All(
            host.Mesh.Service(port: server.Address.Port).Snapshot.Endpoints,
            endpoint => Assert.Equal(server.Address.Port, endpoint.Address.Port));
    }

    [Fact]
    public async Task Features_OfAThirdPartysProvider_ReachTheMesh()
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        var provider = new ScriptedProvider
        {
            Answer = (builder, _) =>
            {
                var endpoint = ServiceEndpoint.Create(new IPEndPoint(IPAddress.Loopback, server.Port));
                endpoint.Features.Set(new MeshEndpointOptions { Identity = SecureMesh.Catalog, Weight = 5 });
                builder.Endpoints.Add(endpoint);
                return Task.CompletedTask;
            },
        };
        await using BridgedHost host = await BridgedHost.StartAsync(
            [],
            _ca.Issue(SecureMesh.Web, _ca),
            configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));

        Assert.StartsWith("https", await host.GetAsync("http://catalog"), StringComparison.Ordinal);
        Assert.Equal(5, host.Mesh.Service().Snapshot.Set.Endpoints.Single().Weight);
    }

    [Fact]
    public async Task WatchOfAService_IsShared()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("1");
        var provider = new ScriptedProvider { Answer = ScriptedProvider.Of(server.Address.ToString()).Answer };
        await using BridgedHost host = await BridgedHost.StartAsync(
            [], configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => host.GetAsync("http://catalog")));

        Assert.Equal((1, 1), (provider.Created, provider.Answers));
    }

    private static Task SayHost(HttpContext context) => context.Response.WriteAsync(context.Request.Host.Value!);

    private sealed class Counting(Action count) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            count();
            return Task.FromResult(new HttpResponseMessage { Content = new StringContent("passed") });
        }
    }
}
