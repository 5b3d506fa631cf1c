using System.Collections.Concurrent;
using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>
/// Callers of a <see cref="BusyServer"/> who give up after a second, over real sockets. Time goes by in ticks: in the short form both
/// sides' clock is the test's, and moves only when all that was sent has arrived and all that was answered or given up has ended; in the
/// long form it is the machine's.
/// </summary>
internal sealed class OverloadRun : IAsyncDisposable
{
    public static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(20);
    public static readonly int TicksPerSecond = (int)(TimeSpan.FromSeconds(1) / TickLength);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider? _clock = LongRun.IsOn ? null : new FakeTimeProvider();
    private readonly PeriodicTimer _timer = new(TickLength);
    private readonly ConcurrentDictionary<string, int> _outstanding = [];
    private MeshHost _mesh = null!;
    private HttpClient _client = null!;
    private int _ticks;
    private int _good;

    private OverloadRun(BusyServer server) => Server = server;

    public BusyServer Server { get; }

    public int Calls { get; private set; }

    /// <param name="queue">Requests that wait at the server before it refuses any.</param>
    /// <param name="limits">Null: none.</param>
    /// <param name="budget">Retries for each call.</param>
    public static async Task<OverloadRun> StartAsync(int queue, MeshLimitOptions? limits, double budget)
    {
        var run = new OverloadRun(await BusyServer.StartAsync(queue));
        run._mesh = await MeshHost.StartCatalogAsync(
            [run.Server.Address],
            service =>
            {
                service.Limits = limits;
                service.Timeouts = new MeshTimeoutOptions { Request = Patience };
                service.FailureAccrual = new FailureAccrualOptions { Enabled = false };

                // Drawn from nothing to less than one unit of time: at once.
                service.Retry = new RetryOptions
                {
                    MinBackoff = TimeSpan.FromTicks(1),
                    MaxBackoff = TimeSpan.FromTicks(1),
                    Budget = new RetryBudgetOptions { Ratio = budget, MinPerSecond = 0 },
                };
            },
            run._clock);
        run._client = run._mesh.Client();
        run._client.Timeout = Timeout.InfiniteTimeSpan;
        return run;
    }

    /// <summary>As many callers as workers, each with one call at a time: good answers a second.</summary>
    public Task<double> ClosedAsync(int seconds) => OfferAsync(seconds, () => BusyServer.Workers - _outstanding.Count);

    /// <summary>So many calls each tick, whatever becomes of them: good answers a second.</summary>
    public Task<double> OpenAsync(int seconds, int eachTick) => OfferAsync(seconds, () => eachTick);

    /// <summary>How many seconds it takes until twenty calls in a row, one at a time, are answered within ten ticks.</summary>
    public async Task<double> RecoverAsync(int atMost)
    {
        int began = _ticks;
        for (int inRow = 0; inRow < 20 && _ticks - began < atMost * TicksPerSecond;)
        {
            (int sent, int good) = (_ticks, Volatile.Read(ref _good));
            Task call = CallAsync();
            while (!call.IsCompleted)
            {
                await TickAsync();
            }

            inRow = Volatile.Read(ref _good) > good && _ticks - sent <= 10 ? inRow + 1 : 0;
        }

        return (double)(_ticks - began) / TicksPerSecond;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _mesh.DisposeAsync();
        _client.Dispose();
        _timer.Dispose();
    }

    private async Task<double> OfferAsync(int seconds, Func<int> next)
    {
        int before = Volatile.Read(ref _good);
        for (int tick = 0; tick < seconds * TicksPerSecond; tick++)
        {
            for (int i = next(); i > 0; i--)
            {
                _ = CallAsync();
            }

            await TickAsync();
        }

        return (double)(Volatile.Read(ref _good) - before) / seconds;
    }

    private async Task TickAsync()
    {
        if (_clock is null)
        {
            await _timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            Server.Tick();
        }
        else
        {
            await SettleAsync();
            _clock.Advance(TickLength);
            Interlocked.Increment(ref _ticks);
            await SettleAsync();
            Server.Tick();
            await SettleAsync();
            return;
        }

        Interlocked.Increment(ref _ticks);
    }

    // Nothing is on its way: who has not given up is at the server or waits for being let in, and nobody else is.
    private Task SettleAsync() => EventuallySoon(() =>
    {
        HashSet<string> live = Server.Live;
        int waiting = _mesh.Service().Snapshot.Limits?.Slots?.Waiting ?? 0;
        return live.All(_outstanding.ContainsKey)
            && _outstanding.All(call => _ticks - call.Value < TicksPerSecond)
            && _outstanding.Keys.Count(call => !live.Contains(call)) == waiting;
    });

    // As Eventually, with less rest: it is asked some thousand times.
    private static async Task EventuallySoon(Func<bool> condition)
    {
        for (int i = 0; i < 100 && !condition(); i++)
        {
            await Task.Yield();
        }

        await Eventually.TrueAsync(condition);
    }

    private async Task CallAsync()
    {
        Calls++;
        string name = Calls.ToString(CultureInfo.InvariantCulture);
        _outstanding[name] = _ticks;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add(BusyServer.CallHeader, name);
            using HttpResponseMessage response = await _client.SendAsync(request);
            if (response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _good);
            }
        }
        catch (MeshException e) when (e.Reason is MeshFailure.Limit or MeshFailure.Timeout)
        {
            // Refused, or gave up.
        }
        finally
        {
            _outstanding.TryRemove(name, out _);
        }
    }
}
