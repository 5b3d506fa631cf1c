using System.Diagnostics;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Client;

public sealed class NamesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("catalog")]
    [InlineData("catalog.shop")]
    [InlineData("api.example.com")]
    public async Task Explicit_UnknownName_Fails(string name)
    {
        await using MeshHost host = await MeshHost.StartAsync([]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.Client().GetAsync($"http://{name}/", Cancel));

        Assert.Equal(MeshFailure.UnknownService, error.Reason);
        Assert.Contains(name, error.Service, StringComparison.Ordinal);
        Assert.Contains("configuration does not know it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explicit_AddressLiteral_PassesThrough()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await MeshHost.StartAsync([]);

        Assert.Equal("plain", await host.Client().GetStringAsync(server.Address, Cancel));
    }

    [Theory]
    [InlineData("no_name")]
    [InlineData("-catalog")]
    public async Task Explicit_IllegalName_Fails(string name)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await MeshHost.StartAsync([], services => AddDialing(services, MeshHost.Name, server.Address));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.Client().GetAsync($"http://{name}/", Cancel));

        Assert.Equal(MeshFailure.UnknownService, error.Reason);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PassThrough_DefiniteNotFound_GoesOutAsWithoutTheMesh()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await MeshHost.StartAsync(
            [("UnknownServices", "PassThrough")], services => AddDialing(services, MeshHost.Name, server.Address));

        using HttpResponseMessage response = await host.Client().GetAsync("http://catalog/", Cancel);

        Assert.Equal("plain", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Null(response.GetMeshCallInfo());
    }

    [Theory]
    [InlineData("client")]
    [InlineData("defaults")]
    public async Task PassThrough_ControlPlaneOutOfReach_IsAnErrorAfterOneWait(string client)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await MeshHost.StartAsync(
            [("UnknownServices", "PassThrough"), ("ControlPlane:Address", DeadPort.TakeUri().ToString())],
            services =>
            {
                services.ConfigureHttpClientDefaults(builder => builder.UseMesh());
                AddDialing(services, "client", server.Address).UseMesh();
                AddDialing(services, "defaults", server.Address);
            });
        long started = Stopwatch.GetTimestamp();

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.Client(client).GetAsync("http://catalog/", Cancel));

        Assert.Equal(MeshFailure.DiscoveryUnavailable, error.Reason);
        Assert.Contains("is out of reach: Connection refused", error.Message, StringComparison.Ordinal);
        // 3 s in all, not once for the answer and once more for an endpoint.
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(5.5));
    }

    [Fact]
    public async Task PassThrough_ServiceWithoutEndpoints_IsAnError()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await MeshHost.StartAsync([("UnknownServices", "PassThrough")], services =>
        {
            services.AddSingleton<IEndpointSource>(new ManualSource().Set(EndpointSet.Known([])));
            AddDialing(services, MeshHost.Name, server.Address);
        });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.Client().GetAsync("http://catalog/", Cancel));

        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
    }

    [Theory]
    [InlineData("catalog")]
    [InlineData("catalog.shop.svc")]
    [InlineData("catalog.shop.svc.cluster.local")]
    [InlineData("CATALOG.shop.SVC.cluster.local.")]
    [InlineData("configured.example.com")]
    [InlineData("stock.shop.internal")]
    public async Task Defaults_MeshName_IsAsked(string name)
    {
        var source = new ManualSource();
        await using InProcessServer server = await InProcessServer.HttpAsync("meshed");
        source.Set(Instances.Known(server.Address.Authority));
        await using MeshHost host = await StartDefaultsAsync(source, DeadPort.TakeUri());

        using HttpResponseMessage response = await host.Client("defaults").GetAsync($"http://{name}/", Cancel);

        Assert.Equal("meshed", await response.Content.ReadAsStringAsync(Cancel));
        Assert.NotNull(response.GetMeshCallInfo());
    }

    [Theory]
    [InlineData("api.example.com")]
    [InlineData("catalog.shop")]
    [InlineData("catalog.shop.svc.other.local")]
    [InlineData("notshop.internal")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("localhost")]
    [InlineData("no_name")]
    public async Task Defaults_OtherName_PassesThroughUnasked(string name)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        // A source that never answers: to ask it would hang.
        await using MeshHost host = await StartDefaultsAsync(new ManualSource(), server.Address);
        int before = host.Runtime.Services().Length;

        using HttpResponseMessage response = await host.Client("defaults").GetAsync($"http://{name}/", Cancel);

        Assert.Equal("plain", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Null(response.GetMeshCallInfo());
        Assert.DoesNotContain(host.Runtime.Services(), service => service.Name.Host.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Defaults_MeshNameNotFound_PassesThrough()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await StartDefaultsAsync(new ManualSource().Set(EndpointSet.NotFound()), server.Address);

        Assert.Equal("plain", await host.Client("defaults").GetStringAsync("http://legacy/", Cancel));
    }

    [Fact]
    public async Task Explicit_NotFoundThenKnown_FollowsDiscovery()
    {
        var control = new ScriptedDestination(ScriptedDestination.Say(Wire.NoEndpoints(false)));
        await using InProcessServer plane = await control.StartAsync();
        await using MeshHost host = await MeshHost.StartAsync([("ControlPlane:Address", plane.Address.ToString())]);
        await Assert.ThrowsAsync<MeshException>(() => host.Client().GetAsync("http://catalog/", Cancel));

        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        host.Set(MeshHost.Endpoints("catalog", server.Address));
        await Eventually.TrueAsync(() => host.Service().Snapshot.Endpoints.Length == 1);

        Assert.Equal("catalog-1", await host.Client().GetStringAsync("http://catalog/", Cancel));
    }

    private static Task<MeshHost> StartDefaultsAsync(ManualSource source, Uri past) => MeshHost.StartAsync(
        [("Domains:0", "shop.internal"), ("Services:configured.example.com:Port", "80")],
        services =>
        {
            services.AddSingleton<IEndpointSource>(source);
            services.ConfigureHttpClientDefaults(builder => builder.UseMesh());
            AddDialing(services, "defaults", past);
        });

    /// <summary>A client whose own transport finds one server behind every name.</summary>
    private static IHttpClientBuilder AddDialing(IServiceCollection services, string client, Uri server) =>
        services.AddHttpClient(client).UseSocketsHttpHandler((handler, _) => handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var tcp = new System.Net.Sockets.TcpClient();
            await tcp.ConnectAsync(server.Host, server.Port, cancellationToken);
            return tcp.GetStream();
        });
}
