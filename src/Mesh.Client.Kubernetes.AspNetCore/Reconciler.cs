using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.AspNetCore;

/// <summary>
/// Brings something in the cluster to what it should be, at each change and at least once a minute. What fails is told with its verb and
/// resource, and tried again later; nothing here ever stops the application.
/// </summary>
/// <param name="changed">Signalled when there is something to look at.</param>
/// <param name="time">Waits are its.</param>
/// <param name="logger">Told of failures.</param>
internal abstract partial class Reconciler(Pulse changed, TimeProvider time, ILogger logger) : BackgroundService
{
    // One conflict is how replicas find out who was first.
    private const int ConflictsUntold = 5;

    // Changes come in groups, and our own come back to us.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(5);

    private readonly ILogger _logger = logger;
    private TimeSpan _retry = FirstRetry;
    private string? _told;
    private int _conflicts;
    private int _passes;

    /// <summary>How often it has looked: for tests.</summary>
    public int Passes => Volatile.Read(ref _passes);

    /// <summary>What it looks after, for the log: <c>Secret mesh/mesh-issuer</c>.</summary>
    protected abstract string Name { get; }

    protected TimeProvider Time { get; } = time;

    /// <summary>Begins to watch.</summary>
    protected abstract IDisposable Open();

    /// <summary>Looks once. It is called at least once a minute: a machine may sleep, and its clock may be set.</summary>
    /// <returns>In how long at the latest to look again; null: in a minute.</returns>
    /// <exception cref="ApiException">It did not work.</exception>
    protected abstract Task<TimeSpan?> ReconcileAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IDisposable? leases = null;
        try
        {
            while (true)
            {
                Task signal = changed.Signalled;
                TimeSpan? wait = null;
                TimeSpan? leaveAlone = null;
                try
                {
                    leases ??= Open();
                    wait = await ReconcileAsync(stoppingToken).ConfigureAwait(false);
                    (_retry, _told, _conflicts) = (FirstRetry, null, 0);
                }
                catch (ApiException exception) when (exception.Failure is ApiFailure.Conflict && ++_conflicts < ConflictsUntold)
                {
                    // The watch brings what the other has made.
                    wait = FirstRetry;
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    leaveAlone = Fail(exception);
                }

                Interlocked.Increment(ref _passes);

                // After a failure whatever changes meanwhile.
                await Task.Delay(leaveAlone ?? Gap, Time, stoppingToken).ConfigureAwait(false);
                if (leaveAlone is null)
                {
                    await WaitAsync(wait is { } due && due < MaxRetry ? due : MaxRetry, signal, stoppingToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            leases?.Dispose();
        }
    }

    /// <returns>How long nothing is tried.</returns>
    private TimeSpan Fail(Exception exception)
    {
        string problem = exception is ApiException ? exception.Message : $"an unforeseen {exception.GetType().Name}";
        if (problem != _told)
        {
            _told = problem;
            LogFailed(Name, problem, exception is ApiException ? null : exception.StackTrace);
        }

        TimeSpan wait = _retry * (0.5 + (Random.Shared.NextDouble() / 2));
        _retry = _retry * 2 < MaxRetry ? _retry * 2 : MaxRetry;
        TimeSpan asked = (exception as ApiException)?.RetryAfter ?? TimeSpan.Zero;
        asked = asked < MaxRetryAfter ? asked : MaxRetryAfter;
        return asked > wait ? asked : wait;
    }

    private async Task WaitAsync(TimeSpan wait, Task sooner, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Time, stop.Token), sooner).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(EventId = 1, EventName = "ReconcileFailed", Level = LogLevel.Warning,
        Message = "{Name}: {Problem}. It is tried again within a minute, or when the API server wants it. {Stack}")]
    private partial void LogFailed(string name, string problem, string? stack);
}
