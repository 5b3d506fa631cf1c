using System.Collections.Immutable;
using k8s.Models;
using Mesh.Client.Discovery;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>How a service's endpoints are picked by its Service's annotations, where another source says which they are.</summary>
internal sealed class LoadBalancingWatch : ILoadBalancingWatch
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    private readonly KubernetesSource _source;
    private readonly ServiceName _service;
    private readonly ServiceTarget _target;
    private readonly IResourceLease<V1Service> _lease;
    private readonly ITimer _timer;
    private readonly long _began;
    private ImmutableArray<string> _problems = [];
    private V1Service? _from;
    private LoadBalancingSettings? _settings;

    public LoadBalancingWatch(
        KubernetesSource source, IResourceWatches watches, ServiceName service, ServiceTarget target, Pulse changed, Pulse demand)
    {
        (_source, _service, _target) = (source, service, target);
        _began = source.Time.GetTimestamp();
        _lease = watches.Watch(ResourceTypes.Named(ResourceTypes.Services, target.Namespace, target.Name), changed, demand);
        _timer = Detached.CreateTimer(source.Time, static changed => ((Pulse)changed!).Signal(), changed);
        _timer.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    public bool IsSettled =>
        _lease.State is not { Status: ResourceStatus.Unknown, Problem: null } || _source.Time.GetElapsedTime(_began) >= Patience;

    public LoadBalancingSettings? Settings
    {
        get
        {
            ResourceState<V1Service> state = _lease.State;
            if (state.Status is ResourceStatus.Denied)
            {
                _source.Log.Denied(
                    state.Problem ?? $"no access to services in {_target.Namespace}",
                    "Annotations of Services are not known, and do not hold.");
            }

            // Denied or lost, the last stands.
            if (state.Status is ResourceStatus.Known && state.Items.GetValueOrDefault(_target.Name) is var service && service != _from)
            {
                (_from, _settings) = (service, service is null ? null : Read(service));
            }

            return _settings;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _lease.Dispose();
    }

    private LoadBalancingSettings? Read(V1Service service)
    {
        (LoadBalancingSettings? settings, ImmutableArray<string> problems) = TrafficPolicyReader.ReadLoadBalancing(new RouteScope
        {
            Service = _service,
            ServiceNamespace = _target.Namespace,
            ServiceObjectName = _target.Name,
            Object = service,
            CallerNamespace = _source.Setup.Namespace,
            ClusterDomain = _source.Setup.ClusterDomain,
            Policies = _source.Setup.Policies,
        });
        foreach (string problem in problems.Except(_problems))
        {
            _source.Log.Report(_service, problem, isNew: true);
        }

        _problems = problems;
        return settings;
    }
}
