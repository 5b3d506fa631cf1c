using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.Kubernetes.AspNetCore.Setup;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The embedded authority in a Kubernetes cluster.</summary>
public static class MeshKubernetesAuthorityServiceCollectionExtensions
{
    /// <summary>
    /// Has the authority of <c>AddMeshControlPlane</c> give certificates to the service accounts of a cluster: the API server judges their
    /// tokens, the issuer is in a Secret that all replicas share, and the anchors are in a ConfigMap of each namespace that is switched on
    /// or has pods that are. An API server that is away does not keep the application from its start. Calling it again adds settings.
    /// </summary>
    /// <remarks>
    /// The process needs, in its own namespace, the verbs list, watch and update on the Secret and create on <c>secrets</c> (none but list
    /// and watch where cert-manager makes it); in the cluster create on <c>tokenreviews.authentication.k8s.io</c>, list and watch on
    /// <c>namespaces</c> and <c>pods</c>, list, watch, create and patch on <c>configmaps</c> of the name of the trust bundle, and list, watch and patch on
    /// the <c>mutatingwebhookconfigurations.admissionregistration.k8s.io</c> of the injector.
    /// </remarks>
    /// <param name="services">The services of the application that serves the mesh.</param>
    /// <param name="configure">Stands over the section <c>Mesh:Authority:Kubernetes</c>; null leaves everything to it.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddKubernetesAuthority(
        this IServiceCollection services, Action<MeshKubernetesAuthorityOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AuthorityServices.Add(services, configure);
        return services;
    }
}
