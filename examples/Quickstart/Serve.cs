using System.Net;

namespace Quickstart;

/// <summary>Keeps the fleet running, with a front end to try with curl, for instances from other terminals to join.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync()
    {
        using var interruption = new Interruption();
        using WorkFolder folder = WorkFolder.Create();
        await using var fleet = new Fleet(folder.Path);
        if (!await interruption.LetsFinishAsync(fleet.StartAsync()))
        {
            return Interruption.ExitCode;
        }

        // The status is open to everybody in Development alone.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        ClientHost.Configure(builder, fleet.ControlPlane, Identities.Web);
        Observability.Add(builder);
        await using WebApplication app = builder.Build();
        Func<string, Task<Answer>> call = app.Services.GetRequiredService<CatalogClient>().GetItemAsync;
        var shares = new LiveShares(call);
        app.MapGet("/items/{user}", async (string user, CatalogClient catalog) =>
        {
            Answer answer = await catalog.GetItemAsync(user);
            return $"{user} is served by {answer.Instance} ({answer.Retries} retries), {answer.Identity}, who saw {answer.Seen.Caller}\n";
        });
        app.MapGet("/instances", () => shares.Current);
        app.MapMeshStatus("/mesh");
        app.MapPrometheusScrapingEndpoint("/metrics");
        if (!await interruption.LetsFinishAsync(StartAsync(app, call)))
        {
            return Interruption.ExitCode;
        }

        string front = app.Urls.First();
        var served = new ServedFleet(fleet.ControlPlane.Address, fleet.ControlPlane.Folder, new Uri(front), Environment.ProcessId);
        served.Publish();
        Explain(fleet, front);
        await shares.RunAsync(interruption.Token);
        served.Withdraw();
        await app.StopAsync();
        Console.WriteLine($"Ended: {shares.Total}.");
        return 0;
    }

    private static async Task StartAsync(WebApplication app, Func<string, Task<Answer>> call)
    {
        await app.StartAsync();
        await KeyMap.FirstAnswerAsync(call);
        await KeyMap.UntilAsync(KeyMap.Predict(key => Tour.Three.Of(key)), call);
    }

    private static void Explain(Fleet fleet, string front)
    {
        Console.WriteLine($"The mesh, live: {front}/mesh     # a page in a browser, text for curl; {front}/metrics for Prometheus");
        Console.WriteLine("The front end calls http://catalog by name. Try in another terminal:");
        Console.WriteLine("  dotnet run --project examples/Quickstart -- --instance catalog-4     # one more joins; Ctrl+C there, and it leaves");
        Console.WriteLine($"  curl {front}/items/alice     # the same instance each time");
        Console.WriteLine($"  for i in $(seq 10); do curl -s {front}/items/user-$i; done");
        Console.WriteLine($"  curl {front}/items/without-catalog-1-7     # catalog-1 answers 503 to this one: another is asked");
        Console.WriteLine($"  curl {front}/instances     # who is there, and how many of {Tour.Keys} user keys each has");
        foreach (InstanceProcess instance in fleet.Instances.Values)
        {
            Console.WriteLine($"  kill -9 {instance.Id}     # {instance.Name}");
        }

        string alone = $"127.0.0.1:{fleet.Instances.Values.First().Port}";
        Console.WriteLine($"  curl -i http://{alone}/items/alice     # an instance by itself: 403, curl has no identity");
        Console.WriteLine($"  openssl s_client -connect {alone} -showcerts </dev/null     # who it is");
        Console.WriteLine($"Control plane (io.linkerd.proxy.destination and .identity, mesh.registry.v1): {fleet.ControlPlane.Address}");
        Console.WriteLine($"Anchors, also at {fleet.ControlPlane.Address}mesh/trust-bundle.pem: {fleet.ControlPlane.Folder}");
        Console.WriteLine("Ctrl+C ends it. Who has how many of the user keys, whenever that changes:");
    }
}
