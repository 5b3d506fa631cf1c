using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Client;

public sealed class UseMeshTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UseMesh_NamedClient_CallsByName()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using MeshHost host = await MeshHost.StartAsync(
            MeshHost.Endpoints("catalog", server.Address), services => services.AddHttpClient("named").UseMesh());

        Assert.Equal("catalog-1", await host.Client("named").GetStringAsync("http://catalog/items", Cancel));
    }

    [Fact]
    public async Task UseMesh_TypedClient_CallsByName()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using MeshHost host = await MeshHost.StartAsync(
            MeshHost.Endpoints("catalog", server.Address),
            services => services.AddHttpClient<CatalogClient>(client => client.BaseAddress = new Uri("http://catalog")).UseMesh());

        Assert.Equal("catalog-1", await host.Services.GetRequiredService<CatalogClient>().ItemsAsync());
    }

    [Fact]
    public async Task UseMesh_GrpcFactoryClient_CallsByName()
    {
        await using InProcessServer server = await InProcessServer.GrpcAsync(new ProbeService("greeter-1"));
        await using MeshHost host = await MeshHost.StartAsync(
            MeshHost.Endpoints("greeter", server.Address),
            services => services.AddGrpcClient<Probe.ProbeClient>(client => client.Address = new Uri("http://greeter")).UseMesh());

        ProbeReply reply = await host.Services.GetRequiredService<Probe.ProbeClient>().WhoAsync(
            new ProbeRequest(), cancellationToken: Cancel);

        Assert.Equal("greeter-1", reply.Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UseMesh_InDefaults_EveryClientCallsByName(bool defaultsFirst)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using InProcessServer greeter = await InProcessServer.GrpcAsync(new ProbeService("greeter-1"));
        await using MeshHost host = await MeshHost.StartAsync(
            [.. MeshHost.Endpoints("catalog", server.Address), .. MeshHost.Endpoints("greeter", greeter.Address)],
            services =>
            {
                if (defaultsFirst)
                {
                    services.ConfigureHttpClientDefaults(client => client.UseMesh());
                }

                services.AddHttpClient("named");
                services.AddHttpClient<CatalogClient>(client => client.BaseAddress = new Uri("http://catalog"));
                services.AddGrpcClient<Probe.ProbeClient>(client => client.Address = new Uri("http://greeter"));
                if (!defaultsFirst)
                {
                    services.ConfigureHttpClientDefaults(client => client.UseMesh());
                }
            });

        Assert.Equal("catalog-1", await host.Client("named").GetStringAsync("http://catalog/", Cancel));
        Assert.Equal("catalog-1", await host.Client("never added").GetStringAsync("http://catalog/", Cancel));
        Assert.Equal("catalog-1", await host.Services.GetRequiredService<CatalogClient>().ItemsAsync());
        Assert.Equal(
            "greeter-1",
            (await host.Services.GetRequiredService<Probe.ProbeClient>().WhoAsync(new ProbeRequest(), cancellationToken: Cancel)).Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UseMesh_OwnPrimaryHandler_IsTheWayPast(bool primaryFirst)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(
            context => context.Response.WriteAsync($"{context.Request.Headers["x-primary"]}"));
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address), services =>
        {
            IHttpClientBuilder client = services.AddHttpClient("own");
            if (!primaryFirst)
            {
                client.UseMesh();
            }

            client.ConfigurePrimaryHttpMessageHandler(() => new MarkingHandler { InnerHandler = new SocketsHttpHandler() });
            if (primaryFirst)
            {
                client.UseMesh();
            }
        });

        Assert.Equal("yes", await host.Client("own").GetStringAsync(server.Address, Cancel));
        Assert.Equal("", await host.Client("own").GetStringAsync("http://catalog/", Cancel));
    }

    [Fact]
    public async Task UseMesh_CalledTwice_IsTheMeshOnce()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using MeshHost host = await MeshHost.StartAsync(
            MeshHost.Endpoints("catalog", server.Address), services => services.AddHttpClient("twice").UseMesh().UseMesh());

        using HttpResponseMessage response = await host.Client("twice").GetAsync("http://catalog/", Cancel);

        Assert.Single(response.GetMeshCallInfo()!.Attempts);
    }

    [Fact]
    public async Task UseMesh_OtherClients_AreLeftAlone()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));

        using HttpResponseMessage response = await host.Client("other").GetAsync(server.Address, Cancel);

        Assert.Null(response.GetMeshCallInfo());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UseMesh_ExplicitBesideDefaults_HasItsOwnScope(bool explicitFirst)
    {
        await using MeshHost host = await MeshHost.StartAsync([("Services:catalog:Port", "80")], services =>
        {
            if (explicitFirst)
            {
                services.AddHttpClient("explicit").UseMesh();
            }

            services.ConfigureHttpClientDefaults(client => client.UseMesh());
            if (!explicitFirst)
            {
                services.AddHttpClient("explicit").UseMesh();
            }
        });

        // Under the defaults' scope this name is not the mesh's, and .invalid resolves nowhere.
        MeshException unknown = await Assert.ThrowsAsync<MeshException>(
            () => host.Client("explicit").GetAsync("http://shop.invalid.test/", Cancel));
        Assert.Equal(MeshFailure.UnknownService, unknown.Reason);
    }

    [Fact]
    public void UseMesh_WithoutAddMeshClient_SaysWhatIsMissing()
    {
        using ServiceProvider services = new ServiceCollection().AddHttpClient("lonely").UseMesh().Services.BuildServiceProvider();

        InvalidOperationException error =
            Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient("lonely"));

        Assert.Contains("'lonely'", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddMeshClient", error.Message, StringComparison.Ordinal);
    }

    private sealed class CatalogClient(HttpClient client)
    {
        public Task<string> ItemsAsync() => client.GetStringAsync("items", Cancel);
    }

    private sealed class MarkingHandler : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("x-primary", "yes");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
