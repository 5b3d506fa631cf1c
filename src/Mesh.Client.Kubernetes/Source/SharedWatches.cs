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
    private readonly Lock _lock = new();
    private readonly Dictionary<WatchKey, SharedWatch> _shared = [];

    public SharedWatch Join(ServiceName service, ServiceTarget target, string? callerNamespace, Pulse demand)
    {
        var key = new WatchKey(service, callerNamespace, demand);
        bool isNew;
        SharedWatch? watch;
        lock (_lock)
        {
            isNew = !_shared.TryGetValue(key, out watch);
            if (isNew)
            {
                _shared.Add(key, watch = new SharedWatch(key));
            }

            watch!.Readers++;
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
        }

        return watch.DisposeAsync();
    }

    private async Task RunAsync(SharedWatch shared, ServiceTarget target, CancellationToken stop)
    {
        WatchKey key = shared.Key;
        using var watch = new KubernetesWatch(source, watches, key.Service, target, key.CallerNamespace, key.Demand, shared.Write);
        await watch.RunAsync(stop).ConfigureAwait(false);
    }
}
