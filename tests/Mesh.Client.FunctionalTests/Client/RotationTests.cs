using System.Collections.Concurrent;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Client;

/// <summary>HttpClientFactory throws handlers away; what the mesh has learned stays.</summary>
public sealed class RotationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rotation_RoundRobin_GoesOnWhereItWas()
    {
        var connections = new ConcurrentDictionary<string, bool>();
        InProcessServer[] servers = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync(connections)))];
        await using MeshHost host = await MeshHost.StartAsync(
            [.. MeshHost.Endpoints("catalog", servers.Select(server => server.Address)), ("Defaults:LoadBalancing:Policy", "RoundRobin")],
            services => services.AddHttpClient("short").UseMesh().SetHandlerLifetime(TimeSpan.FromSeconds(1)));
        await Eventually.TrueAsync(() => host.Service().Snapshot.Endpoints.Length == 3);
        var order = new List<string>();

        for (int i = 0; i < 3; i++)
        {
            // Two a round: what starts anew would never come to the third.
            order.Add(await AskAsync(host, "short"));
            order.Add(await AskAsync(host, "short"));
            await RotateAsync(host, "short");
        }

        Assert.Equal(order.Take(3), order.Skip(3));
        Assert.Equal(3, order.Distinct().Count());
        Assert.Equal(3, connections.Count);
        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Rotation_ShutEndpoint_StaysShut()
    {
        int hits = 0;
        await using InProcessServer bad = await InProcessServer.HttpAsync(context =>
        {
            Interlocked.Increment(ref hits);
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using InProcessServer good = await InProcessServer.HttpAsync("good");
        await using MeshHost host = await MeshHost.StartAsync(
            [
                .. MeshHost.Endpoints("catalog", bad.Address, good.Address),
                ("Defaults:LoadBalancing:Policy", "RoundRobin"),
                ("Defaults:FailureAccrual:MaxFailures", "3"),
                ("Defaults:FailureAccrual:MinPenalty", "00:10:00"),
                ("Defaults:FailureAccrual:MaxPenalty", "00:10:00"),
            ],
            services => services.AddHttpClient("short").UseMesh().SetHandlerLifetime(TimeSpan.FromSeconds(1)));
        await Eventually.TrueAsync(() => host.Service().Snapshot.Endpoints.Length == 2);
        for (int i = 0; i < 6; i++)
        {
            (await host.Client("short").GetAsync("http://catalog/", Cancel)).Dispose();
        }

        await RotateAsync(host, "short");
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("good", await AskAsync(host, "short"));
        }

        Assert.Equal(3, hits);
    }

    [Fact]
    public async Task Clients_SeveralOfOneService_ShareConnections()
    {
        var connections = new ConcurrentDictionary<string, bool>();
        await using InProcessServer server = await StartAsync(connections);
        await using MeshHost host = await MeshHost.StartAsync(
            MeshHost.Endpoints("catalog", server.Address),
            services =>
            {
                services.AddHttpClient("a").UseMesh();
                services.AddHttpClient("b").UseMesh();
            });

        foreach (string client in new[] { "a", "b", MeshHost.Name })
        {
            await AskAsync(host, client);
        }

        Assert.Single(connections);
    }

    private static async Task RotateAsync(MeshHost host, string client)
    {
        IHttpMessageHandlerFactory handlers = host.Services.GetRequiredService<IHttpMessageHandlerFactory>();
        HttpMessageHandler before = handlers.CreateHandler(client);
        await Eventually.TrueAsync(() => handlers.CreateHandler(client) != before);
    }

    private static Task<string> AskAsync(MeshHost host, string client) => host.Client(client).GetStringAsync("http://catalog/", Cancel);

    private static Task<InProcessServer> StartAsync(ConcurrentDictionary<string, bool> connections)
    {
        string name = Guid.NewGuid().ToString();
        return InProcessServer.HttpAsync(context =>
        {
            connections[context.Connection.Id] = true;
            return context.Response.WriteAsync(name);
        });
    }
}
