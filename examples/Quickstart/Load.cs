using System.Diagnostics;

namespace Quickstart;

/// <summary>Callers that call without a pause until told to stop, and what became of their calls.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Callers = 16;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private string? _firstFailure;
    private int _calls;
    private int _failed;
    private int _retries;
    private int _sentOn;
    private int _strayed;

    private Load(Func<string, Task<Answer>> call, Func<string, string, bool>? isPredicted) =>
        _work = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => RunAsync(call, isPredicted, caller))));

    public int Calls => _calls;

    public int Failed => _failed;

    public string? FirstFailure => _firstFailure;

    public int Retries => _retries;

    /// <summary>Calls whose first endpoint did not answer them.</summary>
    public int SentOn => _sentOn;

    /// <param name="call">Makes one call for a key.</param>
    /// <param name="isPredicted">Whether an instance may answer for a key; null where any may.</param>
    public static Load Start(Func<string, Task<Answer>> call, Func<string, string, bool>? isPredicted = null) => new(call, isPredicted);

    /// <summary>No call failed, and each was answered where the algorithm puts its key.</summary>
    public void Check(Report report, string what, int atLeast)
    {
        report.Check(
            $"{what}: failed calls",
            $"{_failed} of {_calls}{(_firstFailure is { } why ? $" ({why})" : null)}",
            _failed == 0 && _calls >= atLeast);
        report.Check($"{what}: calls answered elsewhere than predicted", $"{_strayed} of {_calls}", _strayed == 0);
    }

    /// <summary>Lets the load run on until that many more calls were answered.</summary>
    public async Task ForAsync(int calls, TimeSpan limit)
    {
        int target = Volatile.Read(ref _calls) + calls;
        long started = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _calls) < target && Stopwatch.GetElapsedTime(started) < limit && !_work.IsCompleted)
        {
            await Task.Delay(10);
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _work;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(Func<string, Task<Answer>> call, Func<string, string, bool>? isPredicted, int caller)
    {
        for (int i = caller; !_stop.IsCancellationRequested; i += Callers)
        {
            try
            {
                string key = Tour.Key(i % Tour.Keys);
                Answer answer = await call(key);
                Interlocked.Add(ref _retries, answer.Retries);
                Interlocked.Add(ref _sentOn, answer.Call is { Attempts.Count: > 1 } ? 1 : 0);
                Interlocked.Add(ref _strayed, isPredicted?.Invoke(key, answer.Instance) == false ? 1 : 0);
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref _failed);
                Interlocked.CompareExchange(ref _firstFailure, e.Message, null);
            }

            Interlocked.Increment(ref _calls);
        }
    }
}
