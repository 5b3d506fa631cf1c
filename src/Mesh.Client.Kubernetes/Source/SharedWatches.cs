using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// The services that are watched. A control plane asks for one of them with a stream for each of its clients: they share one watch, which
/// ends with the last of them.
/// </summary>
internal sealed class SharedWatches(KubernetesSource source, IResourceWatches watches)
{
    /// <summary>
    /// So many namespaces of callers, beside the service's own and this process's, have a watch of one service: clients say themselves
    /// where they are, and each namespace is watched for its routes.
    /// </summary>
    public const int MaxCallerNamespaces = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<WatchKey, SharedWatch> _shared = [];
    private readonly Dictionary<(ServiceName Service, Pulse Demand), int> _callers = [];

    /// <summary>Callers of one namespace too many are taken for callers of the service's own.</summary>
    public SharedWatch Join(ServiceName service, ServiceTarget target, string? callerNamespace, Pulse demand)
    {
        var key = new WatchKey(service, callerNamespace, demand);
        bool isOneTooMany = false;
        bool isNew;
        SharedWatch? watch;
        lock (_lock)
        {
            if (!_shared.ContainsKey(key) && IsElsewhere(key, target) && !TryCount(key))
            {
                isOneTooMany = true;
                key = key with { CallerNamespace = target.Namespace };
            }

            isNew = !_shared.TryGetValue(key, out watch);
            if (isNew)
            {
                _shared.Add(key, watch = new SharedWatch(key, IsElsewhere(key, target)));
            }

            watch!.Readers++;
        }

        if (isOneTooMany)
        {
            source.Log.TooManyCallers(service, callerNamespace!, MaxCallerNamespaces);
        }

        if (isNew)
        {
            watch.Start(stop => RunAsync(watch, target, stop));
        }

        return watch;
    }

    public ValueTask LeaveAsync(SharedWatch watch)
    {
        lock (_lock)
        {
            if (--watch.Readers > 0)
            {
                return ValueTask.CompletedTask;
            }

            _shared.Remove(watch.Key);
            if (watch.IsCounted)
            {
                Uncount(watch.Key);
            }
        }

        return watch.DisposeAsync();
    }

    private bool IsElsewhere(WatchKey key, ServiceTarget target) =>
        key.CallerNamespace is { } caller && caller != target.Namespace && caller != source.Setup.Namespace;

    private bool TryCount(WatchKey key)
    {
        int count = _callers.GetValueOrDefault((key.Service, key.Demand));
        if (count == MaxCallerNamespaces)
        {
            return false;
        }

        _callers[(key.Service, key.Demand)] = count + 1;
        return true;
    }

    private void Uncount(WatchKey key)
    {
        int left = _callers[(key.Service, key.Demand)] - 1;
        if (left > 0)
        {
            _callers[(key.Service, key.Demand)] = left;
        }
        else
        {
            _callers.Remove((key.Service, key.Demand));
        }
    }

    private async Task RunAsync(SharedWatch shared, ServiceTarget target, CancellationToken stop)
    {
        WatchKey key = shared.Key;
        using var watch = new KubernetesWatch(source, watches, key.Service, target, key.CallerNamespace, key.Demand, shared.Write);
        await watch.RunAsync(stop).ConfigureAwait(false);
    }
}
