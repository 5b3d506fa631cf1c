using Mesh.Client.AspNetCore.ControlPlane;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the embedded control plane.</summary>
public static class MeshControlPlaneServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <c>MapMeshControlPlane</c> needs, gRPC included. Calling it again changes nothing.
    /// </summary>
    /// <param name="services">The services of the application that serves the mesh.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddMeshControlPlane(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddGrpc();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ControlPlaneSources>();
        return services;
    }
}
