namespace Quickstart;

/// <summary>What the tour saw, for a person, and whether it was what it should be.</summary>
internal sealed class Report
{
    private readonly List<(string What, string Seen, bool Held)> _rows = [];

    public bool AllHeld => _rows.TrueForAll(row => row.Held);

    public static void Section(string title)
    {
        Console.WriteLine();
        Console.WriteLine(title);
    }

    public static void Line(string text) => Console.WriteLine($"  {text}");

    /// <summary>Something that must hold for the tour to succeed.</summary>
    public void Check(string what, string seen, bool held)
    {
        _rows.Add((what, seen, held));
        Line($"{(held ? "ok  " : "FAIL")}  {what}: {seen}");
    }

    public void Table()
    {
        Section("Summary");
        int what = _rows.Max(row => row.What.Length);
        int seen = _rows.Max(row => row.Seen.Length);
        foreach ((string What, string Seen, bool Held) row in _rows)
        {
            Line($"{row.What.PadRight(what)}  {row.Seen.PadRight(seen)}  {(row.Held ? "ok" : "FAIL")}");
        }

        Console.WriteLine();
        string failed = string.Join("; ", _rows.Where(row => !row.Held).Select(row => row.What));
        Console.WriteLine(AllHeld ? "All of it held." : $"Did not hold: {failed}");
    }
}
