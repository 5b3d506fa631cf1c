using Mesh.Client.Model;

namespace Mesh.Client.Health;

/// <summary>
/// Whether an endpoint's latest connection failed. If so, it is tried in the background, after 100 ms, then with doubling waits
/// of at most 1 s (jitter 0.1), well within the time that a call waits, until a connection can be made; while that lasts, others
/// need not try.
/// </summary>
internal sealed class ConnectionHealth : IDisposable
{
    private static readonly Func<double> Shared = Random.Shared.NextDouble;
    private static readonly Backoff Waits = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), 0.1);

    private readonly Lock _lock = new();
    private readonly Func<CancellationToken, ValueTask> _connect;
    private readonly TimeProvider _time;
    private readonly EndpointStanding _standing;
    private readonly IHealthListener? _listener;
    private readonly Func<double> _random;
    private volatile string? _error;
    private ITimer? _timer;
    private CancellationTokenSource? _probes;
    private int _probesMade;
    private bool _probing;
    private bool _disposed;

    /// <param name="connect">Makes a connection and closes it, within a time of its own; throws when it cannot.</param>
    /// <param name="time">What waits are measured by.</param>
    /// <param name="standing">The endpoint in its backend's health; the owner disposes it.</param>
    /// <param name="listener">Who is told of changes.</param>
    /// <param name="random">Numbers from 0 to 1; the default is <see cref="Random.Shared"/>.</param>
    public ConnectionHealth(
        Func<CancellationToken, ValueTask> connect,
        TimeProvider time,
        EndpointStanding standing,
        IHealthListener? listener,
        Func<double>? random = null)
    {
        _connect = connect;
        _time = time;
        _standing = standing;
        _listener = listener;
        _random = random ?? Shared;
    }

    /// <summary>Whether the latest connection failed.</summary>
    public bool IsFailed => _error is not null;

    /// <summary>Whether a connection need not be tried now, since the latest failed and the background sees to it.</summary>
    /// <param name="error">What failed.</param>
    public bool TryFailFast(out string error)
    {
        string? latest = _error;
        error = latest ?? "";
        return latest is not null;
    }

    /// <summary>A connection was made, by whomever.</summary>
    public void Connected() => Recover(null);

    /// <summary>A connection could not be made.</summary>
    /// <param name="error">What failed, for errors and logs.</param>
    public void Failed(string error)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (IsFailed)
            {
                _error = error;
                return;
            }

            // Counted first: whoever finds it failed must find the panic that this may begin.
            _standing.SetDisconnected(true);
            _error = error;
            _probes = new CancellationTokenSource();
            _probesMade = 0;
            _timer ??= Detached.CreateTimer(_time, static state => ((ConnectionHealth)state!).OnTimer(), this);

            // The last probe of an earlier failure may not have ended; it schedules the next when it does.
            if (!_probing)
            {
                Schedule();
            }
        }

        _listener?.OnConnection(error);
    }

    /// <summary>Stops the background's tries.</summary>
    public void Dispose()
    {
        CancellationTokenSource? probes;
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
            probes = _probes;
            _probes = null;
        }

        probes?.Cancel();
    }

    /// <param name="onlyIf">Unless null, the failure that is over; another may have begun since.</param>
    private void Recover(CancellationTokenSource? onlyIf)
    {
        if (!IsFailed)
        {
            return;
        }

        // Not disposed: it has neither a timer nor a handle, and a probe may still look at it.
        CancellationTokenSource? probes;
        lock (_lock)
        {
            if (_disposed || !IsFailed || (onlyIf is not null && onlyIf != _probes))
            {
                return;
            }

            _error = null;
            probes = _probes;
            _probes = null;
            _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _standing.SetDisconnected(false);
        }

        probes?.Cancel();
        _listener?.OnConnection(null);
    }

    private void Schedule() => _timer!.Change(Waits.Delay(_probesMade++, _random()), Timeout.InfiniteTimeSpan);

    private void OnTimer()
    {
        CancellationTokenSource probes;
        lock (_lock)
        {
            if (_disposed || _probes is null || _probing)
            {
                return;
            }

            _probing = true;
            probes = _probes;
        }

        // Its failures are all caught.
        _ = ProbeAsync(probes);
    }

    private async Task ProbeAsync(CancellationTokenSource probes)
    {
        string? error = null;
        try
        {
            await _connect(probes.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever it is, the endpoint was not reached, and the reason is kept for the calls that ask.
            error = e.Message;
        }

        if (error is null)
        {
            Recover(probes);
        }

        lock (_lock)
        {
            _probing = false;
            if (_disposed || _probes is null)
            {
                return;
            }

            // Cancelled, it tells of an earlier failure.
            if (error is not null && probes == _probes)
            {
                _error = error;
            }

            Schedule();
        }
    }
}
