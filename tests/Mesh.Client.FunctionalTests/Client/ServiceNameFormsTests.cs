using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Client;

public sealed class ServiceNameFormsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ports_HttpAndGrpc_AreTwoServices()
    {
        await using InProcessServer http = await InProcessServer.HttpAsync("http");
        await using InProcessServer grpc = await InProcessServer.GrpcAsync(new ProbeService("grpc"));
        await using MeshHost host = await MeshHost.StartAsync(
            [.. MeshHost.Endpoints("catalog:Ports:80", http.Address), .. MeshHost.Endpoints("catalog:Ports:81", grpc.Address)]);
        using GrpcChannel channel = host.Channels.CreateChannel("catalog:81");

        Assert.Equal("http", await host.Client().GetStringAsync("http://catalog/", Cancel));
        Assert.Equal("grpc", (await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancel)).Name);
        Assert.Equal(
            ["catalog.default.svc.cluster.local:80", "catalog.default.svc.cluster.local:81"],
            host.Runtime.Services().Select(service => service.Name.Authority).Order());
    }

    [Fact]
    public async Task Names_AllForms_AreOneService()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using MeshHost host = await MeshHost.StartAsync(
            [.. MeshHost.Endpoints("catalog", server.Address), ("Services:catalog:Port", "8080")]);

        foreach (string name in new[]
        {
            "catalog", "CATALOG", "catalog.", "catalog:8080", "catalog:1234", "catalog.default", "catalog.default.svc",
            "catalog.default.svc.cluster.local", "catalog.default.svc.cluster.local.",
        })
        {
            Assert.Equal("catalog-1", await host.Client().GetStringAsync($"http://{name}/", Cancel));
        }

        Assert.Equal("catalog.default.svc.cluster.local:8080", Assert.Single(host.Runtime.Services()).Name.Authority);
    }
}
