namespace Quickstart;

/// <summary>A light load, each user key in turn, and a line whenever the instances share them otherwise.</summary>
internal sealed class LiveShares(Func<string, Task<Answer>> call)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private IReadOnlyDictionary<string, int> _current = new Dictionary<string, int>();
    private string? _said;
    private int _calls;
    private int _failed;

    /// <summary>How many keys each instance has, in the latest round.</summary>
    public IReadOnlyDictionary<string, int> Current => Volatile.Read(ref _current);

    public string Total => $"{_calls} calls, {_failed} failed";

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            IReadOnlyDictionary<string, int> before = Current, now = await RoundAsync(stop);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            Volatile.Write(ref _current, now);
            string shares = string.Join("   ", now.Select(share => $"{share.Key} {share.Value}"));
            if (shares != _said && Same(before, now))
            {
                _said = shares;
                Console.WriteLine($"  {shares}   ({Total})");
            }

            await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyDictionary<string, int>> RoundAsync(CancellationToken stop)
    {
        var shares = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < Tour.Keys && !stop.IsCancellationRequested; i++)
        {
            _calls++;
            try
            {
                string instance = (await call(Tour.Key(i))).Instance;
                shares[instance] = shares.GetValueOrDefault(instance) + 1;
            }
            catch (HttpRequestException e)
            {
                _failed++;
                Console.WriteLine($"  {Tour.Key(i)} failed: {e.Message}");
            }
        }

        return shares;
    }

    // Two rounds alike: not in the middle of a change.
    private static bool Same(IReadOnlyDictionary<string, int> before, IReadOnlyDictionary<string, int> now) =>
        before.Count == now.Count && before.All(share => now.GetValueOrDefault(share.Key) == share.Value);
}
