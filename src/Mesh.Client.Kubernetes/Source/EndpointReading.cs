using System.Collections.Immutable;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>Reads one service's endpoints of what is watched: the Service, its slices, and its pods where their identities count.</summary>
internal sealed class EndpointReading
{
    private readonly LeaseBook _leases;
    private readonly SliceCache _cache = new();
    private readonly TransportCache _transports = new();
    private readonly ReadInputs _inputs = new();
    private readonly PodReading _pods;
    private readonly ServiceTarget _target;
    private readonly ServiceView _view;
    private readonly ResourceQuery<V1EndpointSlice> _slices;
    private (ImmutableDictionary<string, V1EndpointSlice>? Of, V1EndpointSlice[] Own) _own = (null, []);
    private (ServiceImport? Of, V1Service? Service) _import;
    private ServiceEndpoints? _last;

    public EndpointReading(KubernetesSource source, ServiceName service, ServiceTarget target, ClientPlace place, LeaseBook leases)
    {
        (_target, _leases) = (target, leases);
        _pods = new PodReading(source, target, leases);
        _slices = new(ResourceTypes.Slices, target.Namespace, LabelSelector: $"{target.SliceLabel}={target.Name}");
        _view = new ServiceView
        {
            Service = service,
            Target = target,
            Linkerd = source.Setup.Linkerd,
            Place = place,
        };
    }

    /// <summary>As it was read last; null: there is none.</summary>
    public V1Service? Service { get; private set; }

    public ReadPart<ServiceEndpoints> Read()
    {
        if (!TryReadService(out string? problem))
        {
            return new(null, problem);
        }

        if (Service is null)
        {
            return new(ServiceEndpoints.Read(_view), problem);
        }

        if (Service.Spec?.Type == ExternalService.Type)
        {
            return new(ServiceEndpoints.Read(_view with { Object = Service }), problem);
        }

        ResourceState<V1EndpointSlice> slices = _leases.Read(_slices);
        problem ??= slices.Problem;
        if (slices.Status is not ResourceStatus.Known)
        {
            return new(null, problem);
        }

        // Of what a cache or a test server gives beyond the selector nothing is taken.
        _own = ReferenceEquals(_own.Of, slices.Items) ? _own : (slices.Items, [.. slices.Items.Values.Where(IsOwn)]);
        if (!_pods.TryRead(Service, _own.Own, ref problem, out IReadOnlyDictionary<string, V1Pod>? pods))
        {
            return new(null, problem);
        }

        _inputs.Begin();
        _inputs.Add(Service);
        _inputs.Add(slices.Items);
        _inputs.Add(pods, _pods.AreDenied ? ResourceStatus.Denied : ResourceStatus.Known);
        ServiceEndpoints? known = _inputs.End() ? _last : null;
        _last = null;
        _last = known ?? ServiceEndpoints.Read(
            _view with { Object = Service, Slices = _own.Own, Pods = pods, ArePodsDenied = _pods.AreDenied }, _cache, _transports);
        return new(_last, problem);
    }

    private bool TryReadService(out string? problem)
    {
        if (_target.IsImport)
        {
            ResourceState<ServiceImport> imports = _leases.Read(ResourceTypes.Named(ServiceImport.Type, _target.Namespace, _target.Name));
            problem = imports.Status is ResourceStatus.NotServed ? null : imports.Problem;
            ServiceImport? import = imports.Items.GetValueOrDefault(_target.Name);
            _import = ReferenceEquals(_import.Of, import) ? _import : (import, import?.ToService());
            Service = _import.Service;
            return imports.Status is ResourceStatus.Known or ResourceStatus.NotServed;
        }

        ResourceState<V1Service> services = _leases.Read(ResourceTypes.Named(ResourceTypes.Services, _target.Namespace, _target.Name));
        problem = services.Problem;
        Service = services.Items.GetValueOrDefault(_target.Name);
        return services.Status is ResourceStatus.Known;
    }

    private bool IsOwn(V1EndpointSlice slice) =>
        slice.Metadata?.Labels is { } labels && labels.TryGetValue(_target.SliceLabel, out string? owner) && owner == _target.Name;
}
