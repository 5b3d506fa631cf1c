using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// Reads one service's policy of what is watched: the routes of its namespace and of the caller's, and what those refer to. It is read anew
/// only when something of that is new.
/// </summary>
internal sealed class PolicyReading
{
    private readonly KubernetesSource _source;
    private readonly ServiceName _service;
    private readonly ServiceTarget _target;
    private readonly LeaseBook _leases;
    private readonly BackendReading _backends;
    private readonly string _caller;
    private readonly string[] _namespaces;
    private readonly ReadInputs _routes = new();
    private readonly ReadInputs _referred = new();
    private RouteScope? _scope;
    private RouteReferences _references;
    private TrafficPolicy? _policy;
    private bool _isKnown;
    private string? _problem;

    public PolicyReading(KubernetesSource source, ServiceName service, ServiceTarget target, string callerNamespace, LeaseBook leases)
    {
        (_source, _service, _target, _caller, _leases) = (source, service, target, callerNamespace, leases);
        _backends = new BackendReading(leases);
        _namespaces = _caller == target.Namespace ? [_caller] : [target.Namespace, _caller];
    }

    /// <param name="service">As it is known.</param>
    public ReadPart<TrafficPolicy> Read(V1Service? service)
    {
        (_isKnown, _problem) = (true, null);
        _routes.Begin();
        _routes.Add(service);
        foreach (string ns in _namespaces)
        {
            Note(_routes, HttpRoute.Type, ns);
            Note(_routes, GrpcRoute.Type, ns);
        }

        // Kept only once it is read: what cannot be read is tried again.
        RouteScope? scope = _routes.End() ? _scope : null;
        TrafficPolicy? policy = scope is null ? null : _policy;
        (_scope, _policy) = (null, null);
        if (!_isKnown)
        {
            return new(null, _problem);
        }

        if (scope is null)
        {
            scope = Scope(service);
            _references = TrafficPolicyReader.References(scope);
        }

        bool areSame = Refer();
        if (_isKnown)
        {
            (_scope, _policy) = (scope, areSame && policy is not null ? policy : TrafficPolicyReader.Read(scope));
        }

        return new(_policy, _problem);
    }

    private RouteScope Scope(V1Service? service) => new()
    {
        Service = service is null ? _service : Called(service),
        ServiceNamespace = _target.Namespace,
        ServiceObjectName = _target.Name,
        Object = service,
        CallerNamespace = _caller,
        ClusterDomain = _source.Setup.ClusterDomain,
        HttpRoutes = [.. _namespaces.SelectMany(ns => Take(HttpRoute.Type, ns).Items.Values)],
        GrpcRoutes = [.. _namespaces.SelectMany(ns => Take(GrpcRoute.Type, ns).Items.Values)],
        Policies = _source.Setup.Policies,
        RequireGrants = _source.Setup.RequiresGrants,
        Backend = _backends.Answer,
        Grants = Grants,
    };

    // A port that is called by its name has a number in routes.
    private ServiceName Called(V1Service service) =>
        _target.PortName is not null && CalledPort.Of(service, _target, _service.Port) is { } port
        ? new ServiceName($"{_target.Name}.{_target.Namespace}.svc.{_source.Setup.ClusterDomain}", port.Number)
        : _service;

    private bool Refer()
    {
        _referred.Begin();
        foreach (BackendName backend in _references.Services)
        {
            // Looked at for the first time it is not known; a policy without it would hold for a moment only.
            BackendState state = _backends.Read(backend);
            _referred.Add(state.Object, state.Status);
            if (state.Status is ResourceStatus.Unknown && state.Problem is null)
            {
                (_isKnown, _problem) = (false, _problem ?? $"Service {backend.Namespace}/{backend.Name} of a route is not known yet");
            }
        }

        foreach (string ns in _references.GrantNamespaces)
        {
            if (Note(_referred, ReferenceGrant.Type, ns) is ResourceStatus.NotServed)
            {
                Note(_referred, ReferenceGrant.OlderType, ns);
            }
        }

        return _referred.End();
    }

    private IReadOnlyCollection<ReferenceGrant> Grants(string ns)
    {
        ResourceState<ReferenceGrant> state = Take(ReferenceGrant.Type, ns);
        return [.. (state.Status is ResourceStatus.NotServed ? Take(ReferenceGrant.OlderType, ns) : state).Items.Values];
    }

    private ResourceState<T> Take<T>(ResourceType<T> type, string ns)
        where T : class, IKubernetesObject<V1ObjectMeta> => _leases.Read(new ResourceQuery<T>(type, ns));

    /// <summary>Of what is not served or not to be read there is none; of what is not known yet neither, but then nothing is.</summary>
    private ResourceStatus Note<T>(ReadInputs inputs, ResourceType<T> type, string ns)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ResourceState<T> state = Take(type, ns);
        inputs.Add(state.Items, state.Status);
        switch (state.Status)
        {
            case ResourceStatus.Known:
                _problem ??= state.Problem;
                break;
            case ResourceStatus.Denied:
                _source.Log.Denied(
                    state.Problem ?? $"no access to {type.Name} in {ns}", "Services are called as if there were none.");
                break;
            case ResourceStatus.Unknown:
                _isKnown = false;
                _problem ??= state.Problem is { } why ? $"{type.Name} in namespace {ns} are not known, which say where calls go: {why}" : null;
                break;
        }

        return state.Status;
    }
}
