using System.Runtime.CompilerServices;
using Mesh.Client.Discovery;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery;

/// <summary>Says of every service's balancing what the test tells it; as a source it knows one endpoint.</summary>
internal sealed class ManualComplement : ILoadBalancingSource, IEndpointSource
{
    private readonly TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<Pulse> _watchers = [];
    private LoadBalancingSettings? _settings;
    private bool _isSettled;

    public string Name => "complement";

    /// <summary>Whether services are nothing to it.</summary>
    public bool Refuse { get; set; }

    public Task Watched => _watched.Task;

    public int Watches
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Count;
            }
        }
    }

    /// <summary>Settles it, too.</summary>
    public void Say(LoadBalancingSettings? settings)
    {
        lock (_gate)
        {
            _settings = settings;
            _isSettled = true;
            _watchers.ForEach(watcher => watcher.Signal());
        }
    }

    public ILoadBalancingWatch? Watch(ServiceName service, Pulse changed, Pulse demand)
    {
        lock (_gate)
        {
            if (Refuse)
            {
                return null;
            }

            _watchers.Add(changed);
            _watched.TrySetResult();
            return new Watcher(this, changed);
        }
    }

    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return EndpointSet.Known([new Endpoint(EndpointAddress.Create(System.Net.IPAddress.Loopback, 8080))]);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private sealed class Watcher(ManualComplement owner, Pulse changed) : ILoadBalancingWatch
    {
        public bool IsSettled
        {
            get
            {
                lock (owner._gate)
                {
                    return owner._isSettled;
                }
            }
        }

        public LoadBalancingSettings? Settings
        {
            get
            {
                lock (owner._gate)
                {
                    return owner._settings;
                }
            }
        }

        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._watchers.Remove(changed);
            }
        }
    }
}
