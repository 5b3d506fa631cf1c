using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Quickstart.Protocol;

namespace Quickstart;

/// <summary>Shows what the mesh does when an instance dies, and checks it against the algorithm.</summary>
internal static class Tour
{
    public const int Keys = 100;
    private const string Victim = "catalog-2";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly MaglevPrediction Prediction = new(Fleet.Names);

    public static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"user-{i:00}");

    public static async Task<int> RunAsync()
    {
        long started = Stopwatch.GetTimestamp();
        Console.WriteLine("Mesh.Client quickstart: a control plane, three catalog instances (processes of their own) and a client.");
        await using Fleet fleet = await Fleet.StartAsync();
        Report.Line($"control plane  {fleet.ControlPlaneAddress}");
        foreach (InstanceProcess instance in fleet.Instances.Values)
        {
            Report.Line($"{instance.Name}      http 127.0.0.1:{instance.HttpPort}  grpc 127.0.0.1:{instance.GrpcPort}  pid {instance.Id}");
        }

        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        ClientHost.Configure(builder, fleet.ControlPlaneAddress);
        using IHost host = builder.Build();
        await host.StartAsync();
        CatalogClient http = host.Services.GetRequiredService<CatalogClient>();
        Catalog.CatalogClient grpc = host.Services.GetRequiredService<Catalog.CatalogClient>();

        var report = new Report();
        await CallAsync(report, fleet, "HTTP", async key =>
        {
            CatalogClient.Answer answer = await http.GetItemAsync(key);
            return (answer.Instance, answer.Retries);
        });
        await CallAsync(report, fleet, "gRPC", async key =>
        {
            using AsyncUnaryCall<Item> call = grpc.GetItemAsync(
                new ItemRequest { Key = key }, new CallOptions().WithMeshHashKey(key).WithMeshCallInfo());
            Item item = await call;
            return (item.Instance, (await call.ResponseHeadersAsync).GetMeshCallInfo()?.Retries ?? 0);
        });
        await StreamAsync(report, fleet, grpc);

        report.Table();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Took {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s."));
        return report.AllHeld ? 0 : 1;
    }

    private static async Task CallAsync(
        Report report, Fleet fleet, string protocol, Func<string, Task<(string Instance, int Retries)>> call)
    {
        Report.Section($"{protocol}: {Keys} user keys over three instances");
        string[] before = await MapAsync(call);
        foreach (string name in Fleet.Names)
        {
            int share = before.Count(instance => instance == name);
            Report.Line($"{name}  {new string('#', share)} {share}");
        }

        report.Check(
            $"{protocol}: keys where the algorithm puts them",
            Share(before, key => Prediction.Of(key)),
            Same(before, key => Prediction.Of(key)));
        string[] again = await MapAsync(call);
        report.Check(
            $"{protocol}: keys that stayed on a second look",
            $"{Keys - Moved(before, again).Length} of {Keys}",
            before.SequenceEqual(again));

        Report.Section($"{protocol}: {Victim} is killed (SIGKILL) under load; discovery is not told");
        await using Load load = Load.Start(async key => (await call(key)).Retries);
        await load.ForAsync(2000, Limit);
        await fleet.KillAsync(Victim);
        await load.ForAsync(4000, Limit);
        await load.StopAsync();
        report.Check(
            $"{protocol}: failed calls",
            $"{load.Failed} of {load.Calls}, {load.Retries} retries{(load.FirstFailure is { } why ? $" ({why})" : null)}",
            load.Failed == 0 && load.Calls >= 6000);

        string[] without = await MapAsync(call);
        string[] moved = Moved(before, without);
        string[] predicted = [.. Enumerable.Range(0, Keys).Select(Key).Where(key => Prediction.Of(key) == Victim)];
        report.Check($"{protocol}: keys that moved", $"{moved.Length}, predicted {predicted.Length}", moved.SequenceEqual(predicted));
        report.Check(
            $"{protocol}: moved to the next of their own sequence",
            Share(without, key => Prediction.Of(key, Victim)),
            Same(without, key => Prediction.Of(key, Victim)));

        Report.Section($"{protocol}: {Victim} is back on other ports");
        await fleet.RestartAsync(Victim);
        long back = Stopwatch.GetTimestamp();
        string[] after = await MapAsync(call);
        while (!after.SequenceEqual(before) && Stopwatch.GetElapsedTime(back) < Limit)
        {
            await Task.Delay(100);
            after = await MapAsync(call);
        }

        report.Check(
            $"{protocol}: keys that returned",
            $"{predicted.Length - Moved(before, after).Length} of {predicted.Length}",
            after.SequenceEqual(before));
    }

    private static async Task StreamAsync(Report report, Fleet fleet, Catalog.CatalogClient grpc)
    {
        Report.Section($"gRPC server stream: a key of {Victim}");
        string key = Enumerable.Range(0, Keys).Select(Key).First(key => Prediction.Of(key) == Victim);
        (string first, StatusCode? ended) = await WatchAsync(grpc, key, messages: 3, then: () => fleet.KillAsync(Victim));
        report.Check("stream: starts at the key's instance", $"{key} at {first}", first == Victim);
        report.Check("stream: when it dies the caller is told", ended?.ToString() ?? "nothing", ended is StatusCode.Unavailable);
        (string next, _) = await WatchAsync(grpc, key, messages: 3, then: null);
        report.Check("stream: opened again at the next of the sequence", $"{key} at {next}", next == Prediction.Of(key, Victim));
    }

    // Reads some messages, lets something happen, and reads on until the stream ends.
    private static async Task<(string Instance, StatusCode? Ended)> WatchAsync(
        Catalog.CatalogClient grpc, string key, int messages, Func<Task>? then)
    {
        using AsyncServerStreamingCall<Item> call = grpc.WatchItem(
            new ItemRequest { Key = key }, new CallOptions(deadline: DateTime.UtcNow + Limit).WithMeshHashKey(key));
        string instance = string.Empty;
        try
        {
            for (int i = 0; i < messages && await call.ResponseStream.MoveNext(CancellationToken.None); i++)
            {
                instance = call.ResponseStream.Current.Instance;
            }

            if (then is null)
            {
                return (instance, null);
            }

            await then();
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }

            return (instance, StatusCode.OK);
        }
        catch (RpcException e)
        {
            return (instance, e.StatusCode);
        }
    }

    private static async Task<string[]> MapAsync(Func<string, Task<(string Instance, int Retries)>> call)
    {
        string[] map = new string[Keys];
        for (int i = 0; i < Keys; i++)
        {
            (map[i], _) = await call(Key(i));
        }

        return map;
    }

    private static string[] Moved(string[] before, string[] after) =>
        [.. Enumerable.Range(0, Keys).Where(i => before[i] != after[i]).Select(Key)];

    private static bool Same(string[] map, Func<string, string> predict) => Enumerable.Range(0, Keys).All(i => map[i] == predict(Key(i)));

    private static string Share(string[] map, Func<string, string> predict) =>
        $"{Enumerable.Range(0, Keys).Count(i => map[i] == predict(Key(i)))} of {Keys}";
}
