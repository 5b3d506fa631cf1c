using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.ControlPlane;
using Mesh.Client.AspNetCore.Registry;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the embedded control plane.</summary>
public static class MeshControlPlaneEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves Linkerd's destination and outbound policy protocols over gRPC, for an endpoint of Kestrel that speaks HTTP/2. Policies are
    /// what configuration says of services, built-in defaults included; what it knows of endpoints comes from the sources that are
    /// registered, and from instances that register themselves over <c>mesh.registry.v1</c>, as <c>AddMeshServer</c> has them do. Where
    /// an authority is configured, also Linkerd's identity protocol, and the anchors for download at <c>/mesh/trust-bundle.pem</c>. Calls
    /// for <c>AddMeshControlPlane</c>.
    /// </summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <returns>
    /// Conventions that hold for what workloads ask once they have a certificate: the destination and policy protocols and the registry.
    /// Certificates and anchors are left out, and open to everybody whatever the application's default policy: who asks for them has no
    /// certificate yet, so that <c>RequireMeshIdentity</c> would lock out every workload. There the token decides.
    /// </returns>
    /// <exception cref="InvalidOperationException"><c>AddMeshControlPlane</c> was not called.</exception>
    public static IEndpointConventionBuilder MapMeshControlPlane(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<ControlPlaneSources>() is null)
        {
            throw new InvalidOperationException(
                "MapMeshControlPlane needs the control plane's services: call builder.Services.AddMeshControlPlane().");
        }

        if (AuthorityServices.IsServed(endpoints.ServiceProvider))
        {
            endpoints.MapGrpcService<IdentityService>().AllowAnonymous().AllowUnauthenticatedPeers();
            TrustBundleEndpoint.Map(endpoints).AllowAnonymous().AllowUnauthenticatedPeers();
        }

        RegistryServices.Serve(endpoints);
        return new ConventionGroup(
            endpoints.MapGrpcService<DestinationService>(),
            endpoints.MapGrpcService<OutboundPolicyService>(),
            endpoints.MapGrpcService<RegistryService>());
    }
}
