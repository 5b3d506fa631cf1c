using Mesh.Client.AspNetCore.ControlPlane;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the embedded control plane.</summary>
public static class MeshControlPlaneEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves Linkerd's destination protocol over gRPC, for an endpoint of Kestrel that speaks HTTP/2. What it knows comes from the
    /// sources that are registered. Calls for <c>AddMeshControlPlane</c>.
    /// </summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <returns>Conventions that hold for every method of the control plane.</returns>
    /// <exception cref="InvalidOperationException"><c>AddMeshControlPlane</c> was not called.</exception>
    public static IEndpointConventionBuilder MapMeshControlPlane(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<ControlPlaneSources>() is null)
        {
            throw new InvalidOperationException(
                "MapMeshControlPlane needs the control plane's services: call builder.Services.AddMeshControlPlane().");
        }

        return endpoints.MapGrpcService<DestinationService>();
    }
}
