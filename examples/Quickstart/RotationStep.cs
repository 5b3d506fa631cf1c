using System.Collections.Concurrent;
using System.Diagnostics;

namespace Quickstart;

/// <summary>Every certificate is replaced while calls go on, beside whatever else is shown meanwhile.</summary>
internal sealed class RotationStep : IAsyncDisposable
{
    private static readonly TimeSpan RotationLimit = TimeSpan.FromSeconds(60);
    private static readonly string[] Workloads = ["the client", .. Fleet.Names];

    private readonly ConcurrentDictionary<(string Who, string Leaf), bool> _leaves = new();
    private readonly Load _load;
    private int _turn;

    private RotationStep(Func<string, Task<Answer>> http, Func<string, Task<Answer>> grpc) => _load = Load.Start(async key =>
    {
        Answer answer = await (Interlocked.Increment(ref _turn) % 2 == 0 ? http : grpc)(key);
        _leaves[("the client", answer.Seen.CallerLeaf)] = true;
        _leaves[(answer.Instance, answer.Seen.InstanceLeaf)] = true;
        return answer;
    });

    /// <summary>From now on calls go on, and it is written down who shows which certificate.</summary>
    public static RotationStep Start(Func<string, Task<Answer>> http, Func<string, Task<Answer>> grpc) => new(http, grpc);

    public async Task FinishAsync(Report report)
    {
        Report.Section("Rotation: every certificate is renewed under load (here after 21 s, usually after hours)");
        long started = Stopwatch.GetTimestamp();
        while (Renewed < Workloads.Length && Stopwatch.GetElapsedTime(started) < RotationLimit)
        {
            await Task.Delay(100);
        }

        await _load.ForAsync(1000, Tour.Limit);
        await _load.StopAsync();
        report.Check("rotation: certificates renewed", $"{Renewed} of {Workloads.Length}", Renewed == Workloads.Length);
        report.Check(
            "rotation: failed calls",
            $"{_load.Failed} of {_load.Calls}{(_load.FirstFailure is { } why ? $" ({why})" : null)}",
            _load.Failed == 0 && _load.Calls >= 2000);
    }

    public ValueTask DisposeAsync() => _load.DisposeAsync();

    // Those who have shown a second one.
    private int Renewed => Workloads.Count(who => _leaves.Keys.Count(leaf => leaf.Who == who) > 1);
}
