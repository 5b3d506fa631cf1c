using System.Net;
using Grpc.Core;
using Quickstart.Protocol;

namespace Quickstart;

/// <summary>
/// One instance of the catalog, a process of its own. One port serves HTTP/1.1, HTTP/2 and gRPC, with mutual TLS, to the web front end alone.
/// </summary>
internal static class CatalogInstance
{
    public static async Task<int> RunAsync(string name)
    {
        // The section Mesh comes in environment variables from the process that starts us.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddMeshServer();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new InstanceName(name));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));

        WebApplication app = builder.Build();
        app.MapGet("/items/{key}", (string key, HttpContext context) => new ItemView(key, name, Seen.By(context)))
            .RequireMeshIdentity(Identities.Web);
        app.MapGrpcService<CatalogService>().RequireMeshIdentity(Identities.Web);
        await app.StartAsync();

        // The parent reads the port here, and closes our standard input when it ends.
        Console.WriteLine($"ready {new Uri(app.Urls.Single()).Port}");
        await Console.In.ReadLineAsync();
        await app.StopAsync();
        return 0;
    }

    internal sealed record InstanceName(string Value);

    internal sealed record ItemView(string Key, string Instance, Seen Seen);

    private sealed class CatalogService(InstanceName name) : Catalog.CatalogBase
    {
        public override Task<Item> GetItem(ItemRequest request, ServerCallContext context) => Task.FromResult(Describe(request, context));

        public override async Task WatchItem(ItemRequest request, IServerStreamWriter<Item> responseStream, ServerCallContext context)
        {
            while (!context.CancellationToken.IsCancellationRequested)
            {
                await responseStream.WriteAsync(Describe(request, context), context.CancellationToken);
                await Task.Delay(TimeSpan.FromMilliseconds(100), context.CancellationToken);
            }
        }

        private Item Describe(ItemRequest request, ServerCallContext context)
        {
            var seen = Seen.By(context.GetHttpContext());
            return new Item
            {
                Key = request.Key,
                Instance = name.Value,
                Caller = seen.Caller,
                CallerLeaf = seen.CallerLeaf,
                InstanceLeaf = seen.InstanceLeaf,
            };
        }
    }
}
