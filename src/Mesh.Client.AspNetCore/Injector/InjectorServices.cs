using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What the injector registers. None of it does anything before it is mapped.</summary>
internal static class InjectorServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddOptions<MeshInjectorOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MeshInjectorOptions>, InjectorDefaults>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshInjectorOptions>, InjectorOptionsValidator>());
        services.TryAddSingleton<InjectorMetrics>();
        services.TryAddSingleton<InjectorLog>();
        services.TryAddSingleton(_ => new ReviewGate());
        services.TryAddSingleton<PodInjector>();
        services.TryAddSingleton<InjectorWebhook>();
        services.TryAddSingleton<ServingCertificate>();
    }

    /// <summary>Reads the options from a section; the same section twice is read once.</summary>
    public static void Configure(IServiceCollection services, IConfigurationSection section)
    {
        bool known = services.Any(
            service => service.ImplementationInstance is InjectorConfigureOptions options && options.Section.Path == section.Path);
        if (!known)
        {
            services.AddSingleton<IConfigureOptions<MeshInjectorOptions>>(new InjectorConfigureOptions(section));
        }
    }
}
