using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Quickstart.Protocol;

namespace Quickstart;

/// <summary>Shows what the mesh does, step by step, and checks it.</summary>
internal static class Tour
{
    public const int Keys = 100;

    /// <summary>The instance that is killed.</summary>
    public const string Victim = "catalog-2";

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Where keys go with all three instances, without the one that is killed, and with one more.</summary>
    public static readonly MaglevPrediction Three = new(Fleet.Names);
    public static readonly MaglevPrediction Two = new(Fleet.Names.Except([Victim]));
    public static readonly MaglevPrediction Four = new([.. Fleet.Names, "catalog-4"]);

    public static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"user-{i:00}");

    public static async Task<int> RunAsync()
    {
        using var interruption = new Interruption();
        using WorkFolder folder = WorkFolder.Create();
        await using var fleet = new Fleet(folder.Path);
        Task<bool> steps = RunAsync(fleet);
        return !await interruption.LetsFinishAsync(steps) ? Interruption.ExitCode : await steps ? 0 : 1;
    }

    private static async Task<bool> RunAsync(Fleet fleet)
    {
        long started = Stopwatch.GetTimestamp();
        Console.WriteLine("Mesh.Client quickstart: a control plane, three catalog instances (processes of their own) and a client.");
        await fleet.StartAsync();
        Report.Line($"control plane  {fleet.ControlPlane.Address}  {Identities.ControlPlane}");
        foreach (InstanceProcess instance in fleet.Instances.Values)
        {
            Report.Line($"{instance.Name}      127.0.0.1:{instance.Port}  {Identities.Catalog}  pid {instance.Id}");
        }

        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        ClientHost.Configure(builder, fleet.ControlPlane, Identities.Web);
        using IHost host = builder.Build();
        await host.StartAsync();
        CatalogClient client = host.Services.GetRequiredService<CatalogClient>();
        Catalog.CatalogClient stub = host.Services.GetRequiredService<Catalog.CatalogClient>();
        Func<string, Task<Answer>> http = client.GetItemAsync, grpc = key => GetItemAsync(stub, key);

        await KeyMap.FirstAnswerAsync(http);
        var report = new Report();
        await IdentityStep.RunAsync(report, "HTTP", http);
        await IdentityStep.RunAsync(report, "gRPC", grpc);
        await FailoverStep.RunAsync(report, fleet, "HTTP", http);
        await FailoverStep.RunAsync(report, fleet, "gRPC", grpc);
        await using (var rotation = RotationStep.Start(http, grpc))
        {
            await JoinStep.RunAsync(report, fleet, http);
            await IntruderStep.RunAsync(report, fleet.ControlPlane);
            await rotation.FinishAsync(report);
        }

        await StreamStep.RunAsync(report, fleet, stub);

        report.Table();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Took {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s."));
        return report.AllHeld;
    }

    private static async Task<Answer> GetItemAsync(Catalog.CatalogClient stub, string key)
    {
        using AsyncUnaryCall<Item> call = stub.GetItemAsync(
            new ItemRequest { Key = key }, new CallOptions().WithMeshHashKey(key).WithMeshCallInfo());
        Item item = await call;
        return new Answer(
            item.Instance,
            (await call.ResponseHeadersAsync).GetMeshCallInfo(),
            new Seen(item.Caller, item.CallerLeaf, item.InstanceLeaf));
    }
}
