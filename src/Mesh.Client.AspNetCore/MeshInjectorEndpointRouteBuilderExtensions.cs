using System.Diagnostics.CodeAnalysis;
using Mesh.Client.AspNetCore.Injector;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the injector.</summary>
public static class MeshInjectorEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves a mutating admission webhook of Kubernetes (<c>admission.k8s.io/v1</c>), which gives pods what the mesh needs: a token and
    /// the anchors as volumes, and .NET's configuration as environment, never a container. With it an application needs
    /// <c>AddMeshClient()</c> and no address. Calls for <c>AddMeshControlPlane</c>, whose section's <c>Injector</c> it reads
    /// (<see cref="Mesh.Client.AspNetCore.MeshInjectorOptions"/>).
    /// </summary>
    /// <remarks>
    /// A pod that comes here gets all, unless its label <c>mesh.client/inject</c> is <c>disabled</c>: which pods come is said by the
    /// selectors of the <c>MutatingWebhookConfiguration</c>. No pod is ever denied. It answers only where
    /// <c>UseMeshInjectorCertificate</c> was called; to all other endpoints of Kestrel it is not found. The API server has no identity of
    /// the mesh, so it is open to everybody who reaches that endpoint, whatever the application's default policy; it tells its own
    /// settings, and nothing is written because of what comes.
    /// </remarks>
    /// <param name="endpoints">The application's routes.</param>
    /// <param name="pattern">Default <c>/mesh/inject</c>.</param>
    /// <exception cref="InvalidOperationException"><c>AddMeshControlPlane</c> was not called.</exception>
    public static IEndpointConventionBuilder MapMeshInjector(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/mesh/inject")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        InjectorWebhook webhook = endpoints.ServiceProvider.GetService<InjectorWebhook>() ?? throw new InvalidOperationException(
            "MapMeshInjector needs the control plane's services: call builder.Services.AddMeshControlPlane().");
        endpoints.ServiceProvider.GetRequiredService<InjectorMetrics>().Map();
        RequestDelegate handle = webhook.HandleAsync;
        return endpoints.MapPost(pattern, handle).WithDisplayName("Mesh injector").AllowAnonymous().AllowUnauthenticatedPeers();
    }
}
