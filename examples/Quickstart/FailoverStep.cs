namespace Quickstart;

/// <summary>An instance dies under load and comes back: keys move to where the algorithm says, and back, and no call fails.</summary>
internal static class FailoverStep
{
    public static async Task RunAsync(Report report, Fleet fleet, string protocol, Func<string, Task<Answer>> call)
    {
        Report.Section($"{protocol}: {Tour.Keys} user keys over three instances");
        var three = KeyMap.Predict(key => Tour.Three.Of(key));
        var two = KeyMap.Predict(key => Tour.Two.Of(key));
        KeyMap before = await KeyMap.UntilAsync(three, call);
        foreach (string name in Fleet.Names)
        {
            int share = before.Share(name);
            Report.Line($"{name}  {new string('#', share)} {share}");
        }

        CheckPlaces(report, $"{protocol}: keys where the algorithm puts them", before, three);
        CheckPlaces(report, $"{protocol}: keys that stayed on a second look", await KeyMap.AskAsync(call), before);

        Report.Section($"{protocol}: {Tour.Victim} is killed (SIGKILL) under load");
        Report.Line("At first its keys go on to the next instance of their own sequence. The registry sees its stream end and");
        Report.Line("tells the client, which builds the table from the two that are left: that may move keys of the others as well.");
        await using Load load = Load.Start(call, IsPredicted);
        await load.ForAsync(2000, Tour.Limit);
        await fleet.KillAsync(Tour.Victim);
        KeyMap without = await KeyMap.UntilAsync(two, call);
        await load.ForAsync(4000, Tour.Limit);
        await load.StopAsync();
        load.Check(report, protocol, atLeast: 6000);
        Report.Line(
            $"      {load.SentOn} calls were sent on along the sequence, {load.Retries} of them after they had reached {Tour.Victim}");
        CheckPlaces(report, $"{protocol}: keys where the table of two puts them", without, two);
        int moved = Tour.Keys - without.Agreeing(before), predicted = Tour.Keys - two.Agreeing(three), own = three.Share(Tour.Victim);
        report.Check(
            $"{protocol}: keys that moved",
            $"{moved}, predicted {predicted}: {own} of {Tour.Victim}, {predicted - own} by the smaller table",
            moved == predicted);

        Report.Section($"{protocol}: {Tour.Victim} is back on another port");
        await fleet.JoinAsync(Tour.Victim);
        CheckPlaces(report, $"{protocol}: keys back where they were", await KeyMap.UntilAsync(before, call), before);
    }

    // Its own instance, the next of its sequence, or where the table of two puts it.
    private static bool IsPredicted(string key, string instance) =>
        instance == Tour.Three.Of(key) || instance == Tour.Three.Of(key, Tour.Victim) || instance == Tour.Two.Of(key);

    private static void CheckPlaces(Report report, string what, KeyMap seen, KeyMap expected)
    {
        int agreeing = seen.Agreeing(expected);
        report.Check(what, $"{agreeing} of {Tour.Keys}", agreeing == Tour.Keys);
    }
}
