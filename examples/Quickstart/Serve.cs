using System.Net;

namespace Quickstart;

/// <summary>Keeps the fleet running, with a front end to try with curl.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync()
    {
        await using Fleet fleet = await Fleet.StartAsync();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        ClientHost.Configure(builder, fleet.ControlPlaneAddress);
        await using WebApplication app = builder.Build();
        app.MapGet("/items/{user}", async (string user, CatalogClient catalog) =>
        {
            CatalogClient.Answer answer = await catalog.GetItemAsync(user);
            return $"{user} is served by {answer.Instance} ({answer.Retries} retries)\n";
        });
        await app.StartAsync();

        string front = app.Urls.First();
        Console.WriteLine("The front end calls http://catalog by name. Try:");
        Console.WriteLine($"  curl {front}/items/alice          # the same instance each time");
        Console.WriteLine($"  for i in $(seq 10); do curl -s {front}/items/user-$i; done");
        foreach (InstanceProcess instance in fleet.Instances.Values)
        {
            string alone = $"http://127.0.0.1:{instance.HttpPort}/items/alice";
            Console.WriteLine($"  kill -9 {instance.Id}          # {instance.Name}, by itself at {alone}");
        }

        Console.WriteLine($"Control plane (io.linkerd.proxy.destination, HTTP/2): {fleet.ControlPlaneAddress}");
        Console.WriteLine("Ctrl+C ends it.");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
