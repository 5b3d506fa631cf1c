using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>What Kestrel needs to speak the mesh's framings.</summary>
internal static class ServerTransport
{
    public static void Add(IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(ServerFraming)))
        {
            return;
        }

        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<ServerLog>();
        services.AddSingleton<ServerTls>();
        services.AddSingleton<ServerHttps>();
        services.AddSingleton<ServerFraming>();
        services.AddSingleton<ServerKestrel>();
        services.AddSingleton<ServerConnections>();
        services.AddHostedService(provider => provider.GetRequiredService<ServerConnections>());
        services.AddHostedService<ServerStartup>();
        // Before everybody else's: the application may listen in its configuration, and another filter may have set the scheme.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(Kestrel));
        services.AddSingleton<IPostConfigureOptions<KestrelServerOptions>>(Kestrel);
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, ServerRequests>());
        services.AddSingleton<IStartupFilter, ServerDeadlines>();
        services.AddHealthChecks().AddCheck<ServerHealthCheck>(ServerHealthCheck.Name, tags: [ServerHealthCheck.Tag]);
    }

    private static ServerKestrel Kestrel(IServiceProvider provider) => provider.GetRequiredService<ServerKestrel>();
}
