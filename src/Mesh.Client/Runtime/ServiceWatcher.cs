using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>
/// The one writer of a service's snapshot: makes its policy of configuration and of what the sources say, and publishes it with the
/// endpoints, at most every 100 ms, so that a burst of updates costs one rebuild.
/// </summary>
internal sealed partial class ServiceWatcher(
    ServiceRuntime service, ServiceNames names, SnapshotBuilder builder, Pulse demand) : IDisposable
{
    private const int RestPerWork = 4;
    private static readonly TimeSpan PublishInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Pulse _news = new();
    private ServiceNames _names = names;
    private bool _warnedOfTable;

    public void Start()
    {
        CancellationToken stop = _stop.Token;
        Detached.Run(() => PublishAsync(stop));
    }

    /// <summary>Configuration as it is from here on.</summary>
    public void Take(ServiceNames names)
    {
        Volatile.Write(ref _names, names);
        _news.Signal();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _news.Signal();
    }

    // A process may watch thousands of services: one loop for each, and what it keeps while it waits is small.
    private async Task PublishAsync(CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        ServiceNames? names = null;
        ServicePolicy? policy = null;
        EndpointSet? set = null;
        ChainWatch endpoints = service.Services.Endpoints.Open(service.Name, demand, _news);
        await using (endpoints.ConfigureAwait(false))
        {
            // Taken before anything is looked at, the end included.
            for (Task news = _news.Signalled; !stop.IsCancellationRequested; news = _news.Signalled)
            {
                ServiceNames nextNames = Volatile.Read(ref _names);
                EndpointSet? said = await ReadAsync(endpoints, stop).ConfigureAwait(false);
                EndpointSet? nextSet = nextNames.EndpointsOf(service.Name) ?? said ?? set;

                // The service began with its policy: until a source has spoken there is nothing to publish.
                if (nextSet is null || (names == nextNames && nextSet == set))
                {
                    await news.ConfigureAwait(false);
                    continue;
                }

                bool isSame = policy is not null && names == nextNames && nextSet.Policy == set?.Policy;
                ServicePolicy nextPolicy = isSame ? policy! : ServicePolicies.Of(nextNames, service.Name, nextSet.Policy);
                if (nextPolicy == policy && nextSet == set)
                {
                    names = nextNames;
                    continue;
                }

                (names, policy, set) = (nextNames, nextPolicy == policy ? policy : nextPolicy, nextSet);
                long started = service.Now;
                Publish(policy, set);
                Tell(nextNames, endpoints.Believed);
                if (set.Status is EndpointSetStatus.Unknown)
                {
                    // No work, and calls wait for what comes.
                    continue;
                }

                // A table of millions of entries takes its time; most of it is left to the calls. The clock also runs while the process
                // is stopped: that is no work to rest from.
                long rest = service.Time.GetElapsedTime(started).Ticks * RestPerWork;
                await DelayAsync(TimeSpan.FromTicks(Math.Clamp(rest, PublishInterval.Ticks, MaxRest.Ticks)), stop).ConfigureAwait(false);
            }
        }
    }

    private void Tell(ServiceNames names, string? believed)
    {
        if (service.Snapshot.Answered)
        {
            service.Updated(names.EndpointsOf(service.Name) is null ? believed : "configuration");
        }
    }

    private async ValueTask<EndpointSet?> ReadAsync(ChainWatch endpoints, CancellationToken stop)
    {
        try
        {
            return (await endpoints.ReadAsync().ConfigureAwait(false)).State;
        }
        catch (Exception e)
        {
            // A source promises not to throw. If one does, its last state stands and it is asked again.
            Log.SourceFailed(service.Logger, service.Name.Authority, e);
            await endpoints.DisposeAsync().ConfigureAwait(false);
            await DelayAsync(RestartDelay, stop).ConfigureAwait(false);
            _news.Signal();
            return null;
        }
    }

    private void Publish(ServicePolicy policy, EndpointSet set)
    {
        try
        {
            ServiceSnapshot current = service.Snapshot;
            ServiceSnapshot next = builder.Build(policy, set, current);
            service.Publish(next);
            WarnOfSmallTable(next);
            Log.Published(service.Logger, service.Name.Authority, next.Set.Status, next.Endpoints.Length, next.Set.Problem);
        }
        catch (Exception e)
        {
            // Whatever a source got past its own checks: the one writer must live, or no later update would arrive.
            Log.UpdateRefused(service.Logger, service.Name.Authority, e);
        }
    }

    // Each endpoint needs a hundred slots for a spread within a few percent (Eisenbud et al., NSDI 2016).
    private void WarnOfSmallTable(ServiceSnapshot snapshot)
    {
        LoadBalancingPolicy policy = snapshot.Policy.LoadBalancing;
        if (!_warnedOfTable && policy.Algorithm is LoadBalancingAlgorithm.Maglev && snapshot.Endpoints.Length > policy.TableSize / 100)
        {
            _warnedOfTable = true;
            Log.SmallTable(service.Logger, service.Name.Authority, snapshot.Endpoints.Length, policy.TableSize);
        }
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken stop) =>
        await Task.Delay(delay, service.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Service}: {Status}, {Count} endpoints. {Problem}")]
        public static partial void Published(ILogger logger, string service, EndpointSetStatus status, int count, string? problem);

        [LoggerMessage(4, LogLevel.Error, "{Service}: an update could not be taken in; the last state stands")]
        public static partial void UpdateRefused(ILogger logger, string service, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "{Service}: a discovery source failed and is asked again; the last state stands")]
        public static partial void SourceFailed(ILogger logger, string service, Exception exception);

        [LoggerMessage(3, LogLevel.Warning,
            "{Service}: {Count} endpoints are more than a Maglev table of {TableSize} spreads evenly; " +
            "set LoadBalancing:TableSize to a prime of at least a hundred times as many")]
        public static partial void SmallTable(ILogger logger, string service, int count, int tableSize);
    }
}
