using Mesh.Client.Kubernetes;
using Mesh.Client.Kubernetes.Setup;

namespace Mesh.Client;

/// <summary>Kubernetes as a source of endpoints and policies.</summary>
public static class MeshKubernetesBuilderExtensions
{
    /// <summary>
    /// Asks Kubernetes itself for Services, their EndpointSlices and the Gateway API's routes, after the sources that were added before: in
    /// a pod by its service account, elsewhere by a kubeconfig. Calling it again adds settings.
    /// </summary>
    /// <remarks><inheritdoc cref="MeshKubernetesOptions" path="/remarks"/></remarks>
    /// <param name="builder">The mesh.</param>
    /// <param name="configure">Stands over the section <c>Mesh:Kubernetes</c>; null leaves everything to it and to the defaults.</param>
    public static IMeshClientBuilder AddKubernetes(this IMeshClientBuilder builder, Action<MeshKubernetesOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        KubernetesServices.Add(builder.Services, configure);
        return builder;
    }
}
