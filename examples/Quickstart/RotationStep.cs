using System.Collections.Concurrent;
using System.Diagnostics;

namespace Quickstart;

/// <summary>Every certificate is replaced while calls go on.</summary>
internal static class RotationStep
{
    private static readonly TimeSpan RotationLimit = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(Report report, Func<string, Task<Answer>> http, Func<string, Task<Answer>> grpc)
    {
        Report.Section("Rotation: every certificate is renewed under load (here after 21 s, usually after hours)");
        var leaves = new ConcurrentDictionary<(string Who, string Leaf), bool>();
        int turn = 0;
        await using var load = Load.Start(async key =>
        {
            Answer answer = await (Interlocked.Increment(ref turn) % 2 == 0 ? http : grpc)(key);
            leaves[("the client", answer.Seen.CallerLeaf)] = true;
            leaves[(answer.Instance, answer.Seen.InstanceLeaf)] = true;
            return answer;
        });
        await load.ForAsync(1000, Tour.Limit);
        string[] workloads = ["the client", .. Fleet.Names];
        Dictionary<string, int> first = workloads.ToDictionary(who => who, Count);
        long started = Stopwatch.GetTimestamp();
        while (!workloads.All(who => Count(who) > first[who]) && Stopwatch.GetElapsedTime(started) < RotationLimit)
        {
            await Task.Delay(100);
        }

        await load.ForAsync(1000, Tour.Limit);
        await load.StopAsync();
        int renewed = workloads.Count(who => Count(who) > first[who]);
        report.Check("rotation: certificates renewed", $"{renewed} of {workloads.Length}", renewed == workloads.Length);
        report.Check(
            "rotation: failed calls",
            $"{load.Failed} of {load.Calls}{(load.FirstFailure is { } why ? $" ({why})" : null)}",
            load.Failed == 0 && load.Calls >= 2000);

        int Count(string who) => leaves.Keys.Count(leaf => leaf.Who == who);
    }
}
