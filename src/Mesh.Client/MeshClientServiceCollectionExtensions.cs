using Mesh.Client;
using Mesh.Client.Runtime;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the mesh into an application.</summary>
public static class MeshClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds the mesh, configured by the section <c>Mesh</c> of the application's <see cref="IConfiguration"/>, which may be reloaded while
    /// it runs: the same as <c>AddMeshClient(configuration.GetSection("Mesh"))</c>. Without that section the defaults hold.
    /// </summary>
    /// <remarks>
    /// Everything may then come from outside, as from the environment that the injector adds to a pod (<c>Mesh__ControlPlane__Address</c>).
    /// The start fails where no <see cref="IConfiguration"/> is registered; every host of .NET registers one.
    /// </remarks>
    /// <param name="services">The application's services.</param>
    public static IMeshClientBuilder AddMeshClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        MeshClientServices.Add(services);
        MeshClientServices.ConfigureFromApplication(services);
        return new MeshClientBuilder(services);
    }

    /// <summary>Adds the mesh, configured by a section (usually <c>Mesh</c>) that may be reloaded while it runs.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">The section; unknown keys and bad values stop the application's start with their paths.</param>
    public static IMeshClientBuilder AddMeshClient(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        MeshClientServices.Add(services);
        MeshClientServices.Configure(services, section);
        return new MeshClientBuilder(services);
    }

    /// <summary>Adds the mesh, configured in code.</summary>
    public static IMeshClientBuilder AddMeshClient(this IServiceCollection services, Action<MeshClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        MeshClientServices.Add(services);
        services.Configure(configure);
        return new MeshClientBuilder(services);
    }
}
