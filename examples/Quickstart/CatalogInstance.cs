using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Quickstart.Protocol;

namespace Quickstart;

/// <summary>One instance of the catalog, a process of its own: HTTP/1.1 on one free port, gRPC on another.</summary>
internal static class CatalogInstance
{
    public static async Task<int> RunAsync(string name)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new InstanceName(name));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });

        WebApplication app = builder.Build();
        app.MapGet("/items/{key}", (string key) => new ItemView(key, name));
        app.MapGrpcService<CatalogService>();
        await app.StartAsync();

        // The parent reads the ports here, and closes our standard input when it ends.
        string[] ports = [.. app.Urls.Select(url => new Uri(url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        Console.WriteLine($"ready {ports[0]} {ports[1]}");
        await Console.In.ReadLineAsync();
        await app.StopAsync();
        return 0;
    }

    internal sealed record InstanceName(string Value);

    internal sealed record ItemView(string Key, string Instance);

    private sealed class CatalogService(InstanceName name) : Catalog.CatalogBase
    {
        public override Task<Item> GetItem(ItemRequest request, ServerCallContext context) =>
            Task.FromResult(new Item { Key = request.Key, Instance = name.Value });

        public override async Task WatchItem(ItemRequest request, IServerStreamWriter<Item> responseStream, ServerCallContext context)
        {
            while (!context.CancellationToken.IsCancellationRequested)
            {
                await responseStream.WriteAsync(new Item { Key = request.Key, Instance = name.Value }, context.CancellationToken);
                await Task.Delay(TimeSpan.FromMilliseconds(100), context.CancellationToken);
            }
        }
    }
}
