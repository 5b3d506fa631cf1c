using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>What decides who may call.</summary>
internal static class ServerAuthorization
{
    /// <param name="section">The section <c>Mesh:Server</c>.</param>
    public static void Add(IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        Configure(services, section);
        if (services.Any(service => service.ServiceType == typeof(PeerAuthorizer)))
        {
            return;
        }

        services.AddSingleton<InboundPolicy>();
        services.AddSingleton<OwnTrustDomain>();
        services.AddSingleton<AuthorizationMetrics>();
        services.AddSingleton<RefusalLog>();
        services.AddSingleton<InboundPeers>();
        services.AddSingleton<PeerAuthorizer>();

        // First, so that the filters of other packages run inside.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, InboundStartupFilter>());
        services.AddRouting();
        AddAuthentication(services);
        AddAuthorization(services);
    }

    private static void Configure(IServiceCollection services, IConfigurationSection section)
    {
        bool known = services.Any(
            service => service.ImplementationInstance is ServerConfigureOptions options && options.Section.Path == section.Path);
        if (!known)
        {
            services.AddSingleton<IConfigureOptions<MeshServerOptions>>(new ServerConfigureOptions(section));
        }

        services.AddOptions<MeshServerOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshServerOptions>, ServerOptionsValidator>());
    }

    private static void AddAuthentication(IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, MeshPeerHandler>(MeshPeerDefaults.AuthenticationScheme, null);
        services.AddSingleton<IPostConfigureOptions<AuthenticationOptions>, OnlyOtherScheme>();
    }

    private static void AddAuthorization(IServiceCollection services)
    {
        services.AddAuthorization();
        services.AddSingleton<IAuthorizationHandler, MeshIdentityHandler>();

        // Around whatever is registered so far; an application that registers its own later refuses too, in its own words.
        ServiceDescriptor inner = services.Last(service => service.ServiceType == typeof(IAuthorizationMiddlewareResultHandler));
        services.AddTransient<IAuthorizationMiddlewareResultHandler>(provider => new MeshResultHandler(
            (IAuthorizationMiddlewareResultHandler)(inner.ImplementationInstance
                ?? inner.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            provider.GetRequiredService<PeerAuthorizer>()));
    }
}
