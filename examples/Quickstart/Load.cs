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

    private Load(Func<string, Task<Answer>> call) =>
        _work = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => RunAsync(call, caller))));

    public int Calls => _calls;

    public int Failed => _failed;

    public int Retries => _retries;

    public string? FirstFailure => _firstFailure;

    /// <param name="call">Makes one call for a key.</param>
    public static Load Start(Func<string, Task<Answer>> call) => new(call);

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

    private async Task RunAsync(Func<string, Task<Answer>> call, int caller)
    {
        for (int i = caller; !_stop.IsCancellationRequested; i += Callers)
        {
            try
            {
                Answer answer = await call(Tour.Key(i % Tour.Keys));
                Interlocked.Add(ref _retries, answer.Retries);
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
