using System.Runtime.CompilerServices;
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
    private readonly SharedWatches? _shared;

    /// <param name="watches">Not disposed by the source; null where Kubernetes is not to be asked.</param>
    /// <param name="setup">Who asks, and for what.</param>
    /// <param name="time">Measures rest.</param>
    /// <param name="logger">Told once of each thing that makes no sense.</param>
    /// <param name="badInput">Told of every such thing: a counter.</param>
    public KubernetesSource(
        IResourceWatches? watches, KubernetesSetup setup, TimeProvider time, ILogger logger, Action<BadInput>? badInput = null)
    {
        (_watches, Setup, Time) = (watches, setup, time);
        _shared = watches is null ? null : new SharedWatches(this, watches);
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
        WatchAsync(service, callerNamespace: null, demand, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// As above. Consumer routes are those of the caller's namespace, and where such a caller is, is not known:
    /// hints and <c>internalTrafficPolicy</c> do not hold for it. All who ask for the same with the same <paramref name="demand"/>
    /// are given the same states, which are made once.
    /// </remarks>
    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, string? callerNamespace, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_shared is null)
        {
            yield return EndpointSet.NotFound($"{Name} is not asked: it is not enabled");
            yield break;
        }

        if (!ServiceTarget.TryParse(service, Setup.ClusterDomain, out ServiceTarget? target))
        {
            yield return EndpointSet.NotFound(
                $"{Name} is not asked: {service.Host} is no Service's name below svc.{Setup.ClusterDomain}");
            yield break;
        }

        SharedWatch watch = _shared.Join(service, target, callerNamespace, demand);
        try
        {
            EndpointSet? last = null;
            while (true)
            {
                Task changed = watch.Changed;
                if (watch.State is { } state && !ReferenceEquals(state, last))
                {
                    last = state;
                    yield return state;
                }
                else
                {
                    await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await _shared.LeaveAsync(watch).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    /// <remarks>By the annotations of the Service of that name, whoever says where its endpoints are.</remarks>
    public ILoadBalancingWatch? Watch(ServiceName service, Pulse changed, Pulse demand) =>
        _watches is not null
        && ServiceTarget.TryParse(service, Setup.ClusterDomain, out ServiceTarget? target)
        && target is { IsImport: false, Instance: null }
            ? new LoadBalancingWatch(this, _watches, service, target, changed, demand)
            : null;
}
