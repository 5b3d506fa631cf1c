using System.Diagnostics;

namespace Quickstart;

/// <summary>An instance dies under load and comes back: only its own keys move, to where the algorithm says, and no call fails.</summary>
internal static class FailoverStep
{
    public static async Task RunAsync(Report report, Fleet fleet, string protocol, Func<string, Task<Answer>> call)
    {
        Report.Section($"{protocol}: {Tour.Keys} user keys over three instances");
        string[] before = await MapAsync(call);
        foreach (string name in Fleet.Names)
        {
            int share = before.Count(instance => instance == name);
            Report.Line($"{name}  {new string('#', share)} {share}");
        }

        report.Check(
            $"{protocol}: keys where the algorithm puts them",
            Share(before, key => Tour.Prediction.Of(key)),
            Same(before, key => Tour.Prediction.Of(key)));
        string[] again = await MapAsync(call);
        report.Check(
            $"{protocol}: keys that stayed on a second look",
            $"{Tour.Keys - Moved(before, again).Length} of {Tour.Keys}",
            before.SequenceEqual(again));

        Report.Section($"{protocol}: {Tour.Victim} is killed (SIGKILL) under load; discovery is not told");
        await using Load load = Load.Start(call);
        await load.ForAsync(2000, Tour.Limit);
        await fleet.KillAsync(Tour.Victim);
        await load.ForAsync(4000, Tour.Limit);
        await load.StopAsync();
        report.Check(
            $"{protocol}: failed calls",
            $"{load.Failed} of {load.Calls}, {load.Retries} retries{(load.FirstFailure is { } why ? $" ({why})" : null)}",
            load.Failed == 0 && load.Calls >= 6000);

        string[] without = await MapAsync(call);
        string[] moved = Moved(before, without);
        string[] predicted = [.. Enumerable.Range(0, Tour.Keys).Select(Tour.Key).Where(key => Tour.Prediction.Of(key) == Tour.Victim)];
        report.Check($"{protocol}: keys that moved", $"{moved.Length}, predicted {predicted.Length}", moved.SequenceEqual(predicted));
        report.Check(
            $"{protocol}: moved to the next of their own sequence",
            Share(without, key => Tour.Prediction.Of(key, Tour.Victim)),
            Same(without, key => Tour.Prediction.Of(key, Tour.Victim)));

        Report.Section($"{protocol}: {Tour.Victim} is back on another port");
        await fleet.RestartAsync(Tour.Victim);
        long back = Stopwatch.GetTimestamp();
        string[] after = await MapAsync(call);
        while (!after.SequenceEqual(before) && Stopwatch.GetElapsedTime(back) < Tour.Limit)
        {
            await Task.Delay(100);
            after = await MapAsync(call);
        }

        report.Check(
            $"{protocol}: keys that returned",
            $"{predicted.Length - Moved(before, after).Length} of {predicted.Length}",
            after.SequenceEqual(before));
    }

    private static async Task<string[]> MapAsync(Func<string, Task<Answer>> call)
    {
        string[] map = new string[Tour.Keys];
        for (int i = 0; i < Tour.Keys; i++)
        {
            map[i] = (await call(Tour.Key(i))).Instance;
        }

        return map;
    }

    private static string[] Moved(string[] before, string[] after) =>
        [.. Enumerable.Range(0, Tour.Keys).Where(i => before[i] != after[i]).Select(Tour.Key)];

    private static bool Same(string[] map, Func<string, string> predict) => Enumerable.Range(0, Tour.Keys).All(i => map[i] == predict(Tour.Key(i)));

    private static string Share(string[] map, Func<string, string> predict) =>
        $"{Enumerable.Range(0, Tour.Keys).Count(i => map[i] == predict(Tour.Key(i)))} of {Tour.Keys}";
}
