using Mesh.Client.Discovery;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>What the registry of the embedded control plane registers.</summary>
internal static class RegistryServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddOptions<MeshRegistryOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshRegistryOptions>, RegistryOptionsValidator>());
        services.TryAddSingleton<RegistryMetrics>();
        services.TryAddSingleton<RegistryLog>();
        services.TryAddSingleton<RegistrationRights>();
        services.TryAddSingleton<RegistrationReader>();
        services.TryAddSingleton<ServiceRegistry>();
        if (!services.Any(service => service.ServiceType == typeof(IEndpointSource) && service.ServiceKey is null
            && service.ImplementationFactory == Source))
        {
            services.AddSingleton<IEndpointSource>(Source);
        }
    }

    /// <summary>Reads the options from a section; the same section twice is read once.</summary>
    public static void Configure(IServiceCollection services, IConfigurationSection section)
    {
        bool known = services.Any(
            service => service.ImplementationInstance is RegistryConfigureOptions options && options.Section.Path == section.Path);
        if (!known)
        {
            services.AddSingleton<IConfigureOptions<MeshRegistryOptions>>(new RegistryConfigureOptions(section));
        }
    }

    /// <summary>From now on instances can register.</summary>
    public static void Serve(IEndpointRouteBuilder endpoints) => endpoints.ServiceProvider.GetRequiredService<ServiceRegistry>()
        .Serve(endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted);

    private static ServiceRegistry Source(IServiceProvider provider) => provider.GetRequiredService<ServiceRegistry>();
}
