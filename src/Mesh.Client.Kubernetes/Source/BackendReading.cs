using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>Whether the Services and ServiceImports that routes name are there, with the ports that they name.</summary>
internal sealed class BackendReading(LeaseBook leases)
{
    public BackendState Read(BackendName name)
    {
        if (name.IsImport)
        {
            ResourceState<ServiceImport> imports = leases.Read(ResourceTypes.Named(ServiceImport.Type, name.Namespace, name.Name));
            return new(imports.Status, imports.Items.GetValueOrDefault(name.Name), imports.Problem);
        }

        ResourceState<V1Service> services = leases.Read(ResourceTypes.Named(ResourceTypes.Services, name.Namespace, name.Name));
        return new(services.Status, services.Items.GetValueOrDefault(name.Name), services.Problem);
    }

    public BackendAnswer Answer(BackendName name)
    {
        BackendState state = Read(name);
        return state.Status switch
        {
            ResourceStatus.Known => Has(state.Object, name) ? BackendAnswer.Known : BackendAnswer.Missing,
            ResourceStatus.NotServed => BackendAnswer.Missing,
            _ => BackendAnswer.Unknown,
        };
    }

    private static bool Has(object? found, BackendName name) =>
        (found is ServiceImport import ? import.ToService() : found as V1Service) is { } service
        && (service.Spec?.Type == ExternalService.Type
            || CalledPort.Of(service, new ServiceTarget(name.Namespace, name.Name), name.Port) is not null);
}
