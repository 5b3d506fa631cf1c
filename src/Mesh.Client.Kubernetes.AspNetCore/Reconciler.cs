using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.AspNetCore;

/// <summary>
/// Brings something in the cluster to what it should be, at each change and from time to time. What fails is told with its verb and
/// resource, and tried again later; nothing here ever stops the application.
/// </summary>
/// <param name="changed">Signalled when there is something to look at.</param>
/// <param name="time">Waits are its.</param>
/// <param name="logger">Told of failures.</param>
internal abstract partial class Reconciler(Pulse changed, TimeProvider time, ILogger logger) : BackgroundService
{
    // Changes come in groups, and our own come back to us.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;

    /// <summary>What it looks after, for the log: <c>Secret mesh/mesh-issuer</c>.</summary>
    protected abstract string Name { get; }

    protected TimeProvider Time { get; } = time;

    /// <summary>Begins to watch.</summary>
    protected abstract IDisposable Open();

    /// <summary>Looks once.</summary>
    /// <returns>When to look again if nothing changes; null: then only.</returns>
    /// <exception cref="ApiException">It did not work.</exception>
    protected abstract Task<DateTimeOffset?> ReconcileAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using IDisposable leases = Open();
        TimeSpan retry = FirstRetry;
        string? told = null;
        while (true)
        {
            Task signal = changed.Signalled;
            DateTimeOffset? next;
            try
            {
                next = await ReconcileAsync(stoppingToken).ConfigureAwait(false);
                (retry, told) = (FirstRetry, null);
            }
            catch (ApiException exception) when (exception.Failure is ApiFailure.Conflict)
            {
                // The watch brings what the other has made.
                next = Time.GetUtcNow() + FirstRetry;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                string problem = exception is ApiException ? exception.Message : $"an unforeseen {exception.GetType().Name}";
                if (problem != told)
                {
                    told = problem;
                    LogFailed(Name, problem, exception is ApiException ? null : exception.StackTrace);
                }

                // Whatever changes meanwhile.
                await Task.Delay(retry * (0.5 + (Random.Shared.NextDouble() / 2)), Time, stoppingToken).ConfigureAwait(false);
                retry = retry * 2 < MaxRetry ? retry * 2 : MaxRetry;
                continue;
            }

            await Task.Delay(Gap, Time, stoppingToken).ConfigureAwait(false);
            await UntilAsync(next, signal, stoppingToken).ConfigureAwait(false);
        }
    }

    // In steps: a machine may sleep, or its clock may be set.
    private async Task UntilAsync(DateTimeOffset? moment, Task signal, CancellationToken cancellationToken)
    {
        while (!signal.IsCompleted && (moment is null || moment - Time.GetUtcNow() > TimeSpan.Zero))
        {
            TimeSpan left = moment - Time.GetUtcNow() ?? MaxRetry;
            await WaitAsync(left < MaxRetry ? left : MaxRetry, signal, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(TimeSpan wait, Task sooner, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Time, stop.Token), sooner).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(EventId = 1, EventName = "ReconcileFailed", Level = LogLevel.Warning,
        Message = "{Name}: {Problem}. It is tried again within a minute. {Stack}")]
    private partial void LogFailed(string name, string problem, string? stack);
}
