using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// Kubernetes itself: for each service its endpoints, from EndpointSlices, and its policy, from routes and annotations, as one state.
/// </summary>
internal sealed class KubernetesSource : IEndpointSource, ILoadBalancingSource
{
    private readonly IResourceWatches? _watches;

    /// <param name="watches">Not disposed by the source; null where Kubernetes is not to be asked.</param>
    /// <param name="setup">Who asks, and for what.</param>
    /// <param name="time">Measures rest.</param>
    /// <param name="logger">Told once of each thing that makes no sense.</param>
    /// <param name="badInput">Told of every such thing: a counter.</param>
    public KubernetesSource(
        IResourceWatches? watches, KubernetesSetup setup, TimeProvider time, ILogger logger, Action<BadInput>? badInput = null)
    {
        (_watches, Setup, Time) = (watches, setup, time);
        Log = new SourceLog(Name, time, logger, badInput);
    }

    public string Name => _watches?.Name ?? "Kubernetes";

    public bool TellsPolicies => _watches is not null;

    public string? Settings => _watches is null ? null : "Mesh:Kubernetes and the RBAC rules of this process";

    public KubernetesSetup Setup { get; }

    public TimeProvider Time { get; }

    public SourceLog Log { get; }

    /// <inheritdoc/>
    /// <remarks>A name that is not below the cluster's domain is not found without asking. Ends then only.</remarks>
    public IAsyncEnumerable<EndpointSet> WatchAsync(ServiceName service, Pulse demand, CancellationToken cancellationToken) =>
        LatestState.ReadAsync(
            this,
            service,
            demand,
            static (self, service, demand, latest, stop) => self.RunAsync(service, demand, latest, stop),
            cancellationToken);

    /// <inheritdoc/>
    /// <remarks>By the annotations of the Service of that name, whoever says where its endpoints are.</remarks>
    public ILoadBalancingWatch? Watch(ServiceName service, Pulse changed, Pulse demand) =>
        _watches is not null
        && ServiceTarget.TryParse(service, Setup.ClusterDomain, out ServiceTarget? target)
        && target is { IsImport: false, Instance: null }
            ? new LoadBalancingWatch(this, _watches, service, target, changed, demand)
            : null;

    private async Task RunAsync(ServiceName service, Pulse demand, LatestState latest, CancellationToken stop)
    {
        if (_watches is null)
        {
            latest.Write(EndpointSet.NotFound($"{Name} is not asked: it is not enabled"));
        }
        else if (ServiceTarget.TryParse(service, Setup.ClusterDomain, out ServiceTarget? target))
        {
            using var watch = new KubernetesWatch(this, _watches, service, target, demand, latest.Write);
            await watch.RunAsync(stop).ConfigureAwait(false);
        }
        else
        {
            latest.Write(EndpointSet.NotFound($"{Name} is not asked: {service.Host} is no Service's name below svc.{Setup.ClusterDomain}"));
        }
    }
}
