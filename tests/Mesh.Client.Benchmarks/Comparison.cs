using System.Diagnostics;
using System.Globalization;

namespace Mesh.Client.Benchmarks;

/// <summary>
/// Runs variants in turn, round by round, on one thread, and compares each with the first: the machine's drift hits all alike, so ratios
/// and differences of the same round hold where absolute times do not.
/// </summary>
internal sealed class Comparison(string title, int operations, int rounds = 15)
{
    private const int WarmUp = 20_000;

    private readonly List<(string Name, Action<int> Run)> _variants = [];

    /// <param name="name">What the row is called.</param>
    /// <param name="run">Does the given number of operations.</param>
    public Comparison Add(string name, Action<int> run)
    {
        _variants.Add((name, run));
        return this;
    }

    public void Run()
    {
        foreach ((_, Action<int> run) in _variants)
        {
            run(WarmUp);
        }

        var nanoseconds = new double[_variants.Count, rounds];
        long[] bytes = new long[_variants.Count];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < _variants.Count; i++)
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                long started = Stopwatch.GetTimestamp();
                _variants[i].Run(operations);
                nanoseconds[i, round] = Stopwatch.GetElapsedTime(started).TotalNanoseconds / operations;
                bytes[i] = (GC.GetAllocatedBytesForCurrentThread() - allocated) / operations;
            }
        }

        Console.WriteLine();
        Console.WriteLine($"{title}  (median of {rounds} interleaved rounds of {operations:N0})");
        Console.WriteLine($"  {"",-44} {"ns",9} {"+ns",8} {"ratio",7} {"bytes",7} {"+bytes",7}");
        for (int i = 0; i < _variants.Count; i++)
        {
            int row = i;
            double ns = Median(round => nanoseconds[row, round]);
            double more = Median(round => nanoseconds[row, round] - nanoseconds[0, round]);
            double ratio = Median(round => nanoseconds[row, round] / nanoseconds[0, round]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {_variants[i].Name,-44} {ns,9:0.0} {more,8:0.0} {ratio,7:0.00} {bytes[i],7} {bytes[i] - bytes[0],7}"));
        }
    }

    private double Median(Func<int, double> of) => Enumerable.Range(0, rounds).Select(of).Order().ElementAt(rounds / 2);
}
