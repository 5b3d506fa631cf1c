using Microsoft.Extensions.Options;

namespace Quickstart;

/// <summary>One more instance for the fleet that runs under <c>--serve</c> in another terminal.</summary>
internal static class Join
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string name)
    {
        if (await ServedFleet.FindAsync() is not { } fleet || await fleet.SharesAsync() is not { } there)
        {
            return Fail("There is no catalog to join. Start one in another terminal, then try again:\n"
                + "  dotnet run --project examples/Quickstart -- --serve");
        }

        if (there.ContainsKey(name))
        {
            return Fail($"The name {name} is taken: the catalog has {string.Join(", ", there.Keys)}. Choose another.");
        }

        await using WebApplication app = CatalogInstance.Build(
            name, Identities.Settings(Identities.Catalog, fleet.ControlPlane, fleet.Folder), ShowMesh);
        try
        {
            await app.StartAsync();
        }
        catch (OptionsValidationException e)
        {
            return Fail(e.Message);
        }

        Console.WriteLine($"{name} listens at {app.Urls.Single()}, as {Identities.Catalog}.");
        Console.WriteLine("Ctrl+C or SIGTERM: it leaves first, then it stops.");
        CatalogInstance.Instance instance = app.Services.GetRequiredService<CatalogInstance.Instance>();
        bool gone = await WatchAsync(fleet, instance, app.Lifetime.ApplicationStopping);
        await app.StopAsync();
        Console.WriteLine($"{name} has stopped. It answered {instance.Answered} calls.");
        return gone ? Fail($"The fleet of process {fleet.ProcessId} is gone.") : 0;
    }

    // What the mesh says of the registration.
    private static void ShowMesh(WebApplicationBuilder builder) => builder.Logging
        .AddSimpleConsole(console => console.SingleLine = true)
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
        .AddFilter("Mesh.Client.AspNetCore.SelfRegistration", LogLevel.Information);

    // True when the fleet has gone, false when we are to leave it.
    private static async Task<bool> WatchAsync(ServedFleet fleet, CatalogInstance.Instance instance, CancellationToken stop)
    {
        int before = 0;
        for (int round = 0; !stop.IsCancellationRequested; round++)
        {
            if (await fleet.SharesAsync() is not { } shares)
            {
                return !stop.IsCancellationRequested;
            }

            int share = shares.GetValueOrDefault(instance.Name);
            if (share != before || (round > 0 && round % 10 == 0))
            {
                Console.WriteLine($"  {share} of {Tour.Keys} keys are ours; {instance.Answered} calls answered");
                before = share;
            }

            await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}
