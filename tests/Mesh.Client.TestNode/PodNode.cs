using System.Net;
using Mesh.Client.AspNetCore;
using Mesh.Client.FunctionalTests.Grpc;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.TestNode;

/// <summary>
/// What runs in a pod: a server of the mesh that writes down what it executes, on two ports (HTTP/1.1, and HTTP/2 by prior knowledge,
/// gRPC too), until it is sent SIGTERM. Its identity is its environment's, as any setting of the mesh.
/// </summary>
internal static class PodNode
{
    // What a container's preStop hook of "sleep" does, without its delay of the SIGTERM: answers say already that the connection ends.
    private static readonly TimeSpan PreStop = TimeSpan.FromSeconds(1);

    /// <param name="name">Answered with.</param>
    /// <param name="journalPath">Where the ids of the calls that were executed go, a line each.</param>
    /// <param name="address">The pod's.</param>
    /// <param name="port">Of HTTP/1.1; 0 is any that is free.</param>
    /// <param name="http2Port">Of HTTP/2; 0 is any that is free.</param>
    public static async Task<int> RunAsync(string name, string journalPath, IPAddress address, int port, int http2Port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddMeshServer();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new ProbeService(name));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address, port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(address, http2Port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        await using WebApplication app = builder.Build();
        await using var journal = new Journal(journalPath);
        app.MapGet("/who", () => name);
        app.MapGet("/peer", (HttpContext context) => $"{name} saw {context.Features.Get<IMeshPeerFeature>()?.Identity ?? "nobody"}");
        app.MapGrpcService<ProbeService>();
        app.MapGet("/{**path}", (HttpContext context) => $"{name} {context.Request.Path}");
        app.MapPost("/execute/{id}", async (string id) =>
        {
            journal.Write(id);
            await Task.Delay(TimeSpan.FromMilliseconds(5));
            return name;
        });
        app.Lifetime.ApplicationStopping.Register(() => Thread.Sleep(PreStop));
        await app.StartAsync();
        Console.WriteLine($"ready {string.Join(' ', app.Urls.Select(url => new Uri(url).Port))}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
