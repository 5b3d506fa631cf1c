using System.Net;
using System.Runtime.InteropServices;
using Grpc.Core;
using Quickstart.Protocol;

namespace Quickstart;

/// <summary>
/// One instance of the catalog, a process of its own. One port serves HTTP/1.1, HTTP/2 and gRPC, with mutual TLS, to the web front end
/// alone. It registers with the control plane once it listens, and leaves before it stops listening.
/// </summary>
internal static class CatalogInstance
{
    /// <summary>One that the tour has started: it serves until the tour ends it.</summary>
    public static async Task<int> RunChildAsync(string name)
    {
        // Ctrl+C reaches every process of a terminal at once; who started us stops its load first, and then us.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static signal => signal.Cancel = true);

        // The section Mesh comes in environment variables from the process that starts us.
        await using WebApplication app = Build(
            name, new Dictionary<string, string?>(), builder => builder.Services.AddSingleton<IHostLifetime, NoSignals>());
        await app.StartAsync();

        // The parent reads the port here, and closes our standard input when it ends.
        Console.WriteLine($"ready {new Uri(app.Urls.Single()).Port}");
        await Console.In.ReadLineAsync();
        await app.StopAsync();
        return 0;
    }

    /// <param name="name">What it is called, and what its keys go by.</param>
    /// <param name="settings">The section <c>Mesh</c> where it is not in the environment.</param>
    /// <param name="configure">What else is to be said of it.</param>
    public static WebApplication Build(string name, IReadOnlyDictionary<string, string?> settings, Action<WebApplicationBuilder> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // Usually in appsettings.json. This is all that makes it an instance of the catalog.
            ["Mesh:Server:Service"] = "catalog",
            ["Mesh:Server:Instance"] = name,
        });
        builder.AddMeshServer();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Instance(name));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        configure(builder);

        WebApplication app = builder.Build();
        app.MapGet("/items/{key}", (string key, HttpContext context, Instance instance) =>
        {
            instance.Count();

            // For whoever wants to see a retry.
            return key.StartsWith($"without-{name}", StringComparison.Ordinal)
                ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
                : Results.Ok(new ItemView(key, name, Seen.By(context)));
        }).RequireMeshIdentity(Identities.Web);
        app.MapGrpcService<CatalogService>().RequireMeshIdentity(Identities.Web);
        return app;
    }

    internal sealed class Instance(string name)
    {
        private int _answered;

        public string Name { get; } = name;

        public int Answered => Volatile.Read(ref _answered);

        public void Count() => Interlocked.Increment(ref _answered);
    }

    internal sealed record ItemView(string Key, string Instance, Seen Seen);

    private sealed class CatalogService(Instance instance) : Catalog.CatalogBase
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
            instance.Count();
            var seen = Seen.By(context.GetHttpContext());
            return new Item
            {
                Key = request.Key,
                Instance = instance.Name,
                Caller = seen.Caller,
                CallerLeaf = seen.CallerLeaf,
                InstanceLeaf = seen.InstanceLeaf,
            };
        }
    }
}
