using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// Reads one service's policy of what is watched: the routes of its namespace and of the caller's, and what those refer to.
/// </summary>
internal sealed class PolicyReading
{
    private readonly KubernetesSource _source;
    private readonly ServiceName _service;
    private readonly ServiceTarget _target;
    private readonly LeaseBook _leases;
    private readonly string[] _namespaces;
    private bool _isKnown;
    private string? _problem;

    public PolicyReading(KubernetesSource source, ServiceName service, ServiceTarget target, LeaseBook leases)
    {
        (_source, _service, _target, _leases) = (source, service, target, leases);
        string caller = source.Setup.Namespace;
        _namespaces = caller == target.Namespace ? [caller] : [target.Namespace, caller];
    }

    /// <param name="service">As it is known.</param>
    public ReadPart<TrafficPolicy> Read(V1Service? service)
    {
        (_isKnown, _problem) = (true, null);
        var scope = new RouteScope
        {
            Service = service is null ? _service : Called(service),
            ServiceNamespace = _target.Namespace,
            ServiceObjectName = _target.Name,
            Object = service,
            CallerNamespace = _source.Setup.Namespace,
            ClusterDomain = _source.Setup.ClusterDomain,
            HttpRoutes = ReadRoutes(HttpRoute.Type),
            GrpcRoutes = ReadRoutes(GrpcRoute.Type),
            Policies = _source.Setup.Policies,
            Backend = Backend,
            Grants = ns => ReadAll(new ResourceQuery<ReferenceGrant>(ReferenceGrant.Type, ns)),
        };
        if (_isKnown)
        {
            Require(TrafficPolicyReader.References(scope));
        }

        return new(_isKnown ? TrafficPolicyReader.Read(scope) : null, _problem);
    }

    // A port that is called by its name has a number in routes.
    private ServiceName Called(V1Service service) =>
        _target.PortName is not null && CalledPort.Of(service, _target, _service.Port) is { } port
        ? new ServiceName($"{_target.Name}.{_target.Namespace}.svc.{_source.Setup.ClusterDomain}", port.Number)
        : _service;

    private ImmutableArray<T> ReadRoutes<T>(ResourceType<T> type)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        [.. _namespaces.SelectMany(ns => ReadAll(new ResourceQuery<T>(type, ns)))];

    private void Require(RouteReferences references)
    {
        foreach (BackendName backend in references.Services)
        {
            // Looked at for the first time it is not known; a policy without it would hold for a moment only.
            _isKnown &= IsAnswered(backend);
        }

        foreach (string ns in references.GrantNamespaces)
        {
            ReadAll(new ResourceQuery<ReferenceGrant>(ReferenceGrant.Type, ns));
        }
    }

    private bool IsAnswered(BackendName name)
    {
        (ResourceStatus status, string? problem) = name.IsImport
            ? StatusOf(_leases.Read(ResourceTypes.Named(ServiceImport.Type, name.Namespace, name.Name)))
            : StatusOf(_leases.Read(ResourceTypes.Named(ResourceTypes.Services, name.Namespace, name.Name)));
        return status is not ResourceStatus.Unknown || problem is not null;
    }

    private BackendAnswer Backend(BackendName name)
    {
        ResourceStatus status;
        V1Service? found;
        if (name.IsImport)
        {
            ResourceState<ServiceImport> imports = _leases.Read(ResourceTypes.Named(ServiceImport.Type, name.Namespace, name.Name));
            (status, found) = (imports.Status, imports.Items.GetValueOrDefault(name.Name)?.ToService());
        }
        else
        {
            ResourceState<V1Service> services = _leases.Read(ResourceTypes.Named(ResourceTypes.Services, name.Namespace, name.Name));
            (status, found) = (services.Status, services.Items.GetValueOrDefault(name.Name));
        }

        return status switch
        {
            ResourceStatus.Known => Has(found, name) ? BackendAnswer.Known : BackendAnswer.Missing,
            ResourceStatus.NotServed => BackendAnswer.Missing,
            _ => BackendAnswer.Unknown,
        };
    }

    private static bool Has(V1Service? service, BackendName name) =>
        service is not null
        && (service.Spec?.Type == ExternalService.Type
            || CalledPort.Of(service, new ServiceTarget(name.Namespace, name.Name), name.Port) is not null);

    /// <summary>Of what is not served or not to be read there is none; of what is not known yet neither, but then nothing is.</summary>
    private IReadOnlyCollection<T> ReadAll<T>(ResourceQuery<T> query)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ResourceState<T> state = _leases.Read(query);
        switch (state.Status)
        {
            case ResourceStatus.Known:
                _problem ??= state.Problem;
                break;
            case ResourceStatus.Denied:
                _source.Log.Denied(
                    state.Problem ?? $"no access to {query.Type.Name} in {query.Namespace}",
                    "Services are called as if there were none.");
                break;
            case ResourceStatus.Unknown:
                _isKnown = false;
                _problem ??= state.Problem;
                break;
        }

        return [.. state.Items.Values];
    }

    private static (ResourceStatus Status, string? Problem) StatusOf<T>(ResourceState<T> state)
        where T : class, IKubernetesObject<V1ObjectMeta> => (state.Status, state.Problem);
}
