namespace Quickstart;

/// <summary>A fourth instance joins under load, takes its share, and leaves again.</summary>
internal static class JoinStep
{
    private const string Joins = "catalog-4";

    public static async Task RunAsync(Report report, Fleet fleet, Func<string, Task<Answer>> call)
    {
        Report.Section($"{Joins} joins under load, and leaves: it registers itself, nobody writes its address down");
        var three = KeyMap.Predict(key => Tour.Three.Of(key));
        var four = KeyMap.Predict(key => Tour.Four.Of(key));
        KeyMap before = await KeyMap.UntilAsync(three, call);
        Report.Line($"before  {before}");
        await using Load load = Load.Start(call, (key, instance) => instance == Tour.Three.Of(key) || instance == Tour.Four.Of(key));
        await load.ForAsync(1000, Tour.Limit);

        await fleet.JoinAsync(Joins);
        KeyMap joined = await KeyMap.UntilAsync(four, call);
        Report.Line($"joined  {joined}");
        await load.ForAsync(1000, Tour.Limit);
        await fleet.LeaveAsync(Joins);
        KeyMap left = await KeyMap.UntilAsync(three, call);
        Report.Line($"left    {left}");
        await load.ForAsync(1000, Tour.Limit);
        await load.StopAsync();

        int share = joined.Share(Joins), predicted = four.Share(Joins);
        report.Check($"join: keys that {Joins} took", $"{share}, predicted {predicted}", share == predicted);
        int moved = Tour.Keys - joined.Agreeing(before), expected = Tour.Keys - four.Agreeing(three);
        report.Check("join: keys that moved", $"{moved}, predicted {expected}", moved == expected && joined.Agreeing(four) == Tour.Keys);
        int back = left.Agreeing(three);
        report.Check("join: keys back where they were once it left", $"{back} of {Tour.Keys}", back == Tour.Keys);
        load.Check(report, "join", atLeast: 3000);
    }
}
