using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.ControlPlane;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.AspNetCore.Injector;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the embedded control plane.</summary>
public static class MeshControlPlaneServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <c>MapMeshControlPlane</c> and <c>MapMeshInjector</c> need, gRPC included. It serves the endpoints that
    /// <c>Services</c> of the section writes
    /// down, and follows its changes. Where <c>Authority</c> of the section names a directory, it gives out certificates too
    /// (<see cref="MeshAuthorityOptions"/>), to whom an <see cref="ITokenValidator"/> accepts.
    /// </summary>
    /// <param name="services">The services of the application that serves the mesh.</param>
    /// <param name="section">
    /// The section, usually <c>Mesh</c>; unknown keys and bad values stop the application's start with their paths. An application that
    /// also calls <c>AddMeshClient</c> gives both the same section.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddMeshControlPlane(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        AddCore(services);
        MeshClientServices.Configure(services, section);
        AuthorityServices.Configure(services, section.GetSection("Authority"));
        RegistryServices.Configure(services, section.GetSection("Registry"));
        InjectorServices.Configure(services, section.GetSection("Injector"));
        LimitServices.Configure(services, section.GetSection(LimitConfigureOptions.Name));
        return services;
    }

    /// <summary>
    /// The same, from the options that <c>AddMeshClient</c> or <c>Configure&lt;MeshClientOptions&gt;</c> set; the authority from
    /// <c>Configure&lt;MeshAuthorityOptions&gt;</c>.
    /// </summary>
    /// <param name="services">The services of the application that serves the mesh.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddMeshControlPlane(this IServiceCollection services)
    {
        AddCore(services);
        return services;
    }

    private static void AddCore(IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        MeshClientServices.AddConfiguration(services);
        services.AddGrpc();
        services.TryAddSingleton<ControlPlaneSources>();
        services.TryAddSingleton<EndpointDifferences>();
        services.TryAddSingleton<EndpointOwners>();
        services.TryAddSingleton<ServiceFeed>();
        services.TryAddSingleton<PolicyFeed>();
        services.TryAddSingleton<ProfileFeed>();
        AuthorityServices.Add(services);
        RegistryServices.Add(services);
        InjectorServices.Add(services);
        LimitServices.Add(services);
    }
}
