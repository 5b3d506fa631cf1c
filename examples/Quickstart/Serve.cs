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
        ClientHost.Configure(builder, fleet.ControlPlane, Identities.Web);
        await using WebApplication app = builder.Build();
        app.MapGet("/items/{user}", async (string user, CatalogClient catalog) =>
        {
            Answer answer = await catalog.GetItemAsync(user);
            return $"{user} is served by {answer.Instance} ({answer.Retries} retries), {answer.Identity}, who saw {answer.Seen.Caller}\n";
        });
        await app.StartAsync();

        string front = app.Urls.First();
        Console.WriteLine("The front end calls http://catalog by name. Try:");
        Console.WriteLine($"  curl {front}/items/alice          # the same instance each time");
        Console.WriteLine($"  for i in $(seq 10); do curl -s {front}/items/user-$i; done");
        foreach (InstanceProcess instance in fleet.Instances.Values)
        {
            Console.WriteLine($"  kill -9 {instance.Id}          # {instance.Name}");
        }

        string alone = $"127.0.0.1:{fleet.Instances.Values.First().Port}";
        Console.WriteLine($"  curl -i http://{alone}/items/alice          # an instance by itself: 403, curl has no identity");
        Console.WriteLine($"  openssl s_client -connect {alone} -showcerts </dev/null     # who it is");
        Console.WriteLine($"Control plane (io.linkerd.proxy.destination and .identity): {fleet.ControlPlane.Address}");
        Console.WriteLine($"Anchors, also at {fleet.ControlPlane.Address}mesh/trust-bundle.pem: {fleet.ControlPlane.Folder}");
        Console.WriteLine("Ctrl+C ends it.");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
