using Mesh.Client.AspNetCore.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>What a server needs to register itself.</summary>
internal static class RegistrationServices
{
    public static void Add(IServiceCollection services)
    {
        services.TryAddSingleton<RegistryMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ServerRegistration>());
    }
}
