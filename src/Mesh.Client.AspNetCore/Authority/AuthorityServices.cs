using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>What the authority registers. Without a directory in the options, or an issuer from elsewhere, none of it does
/// anything.</summary>
internal static class AuthorityServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddOptions<MeshAuthorityOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshAuthorityOptions>, AuthorityOptionsValidator>());
        services.TryAddSingleton<AuthorityMetrics>();
        services.TryAddSingleton<RefusalLog>();
        services.TryAddSingleton(provider => new MeshAuthority(
            provider.GetRequiredService<IOptions<MeshAuthorityOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<AuthorityMetrics>(),
            provider.GetRequiredService<ILogger<MeshAuthority>>(),
            provider.GetService<ExternalIssuer>()));
        services.TryAddSingleton<ITokenValidator, DevelopmentTokenValidator>();
        services.TryAddSingleton(CreateSource);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AuthorityStartup>());
    }

    /// <summary>Reads the options from a section; the same section twice is read once.</summary>
    public static void Configure(IServiceCollection services, IConfigurationSection section)
    {
        bool known = services.Any(
            service => service.ImplementationInstance is AuthorityConfigureOptions options && options.Section.Path == section.Path);
        if (!known)
        {
            services.AddSingleton<IConfigureOptions<MeshAuthorityOptions>>(new AuthorityConfigureOptions(section));
        }
    }

    public static bool IsServed(IServiceProvider services) =>
        services.GetRequiredService<IOptions<MeshAuthorityOptions>>().Value.Directory is not null
        || services.GetService<ExternalIssuer>() is not null;

    // Null where there is no authority: then no such source counts as registered.
    private static ICredentialSource CreateSource(IServiceProvider services) =>
        IsServed(services)
        && WorkloadIdentity.TryParse(
            services.GetRequiredService<MeshConfiguration>().Current.Identity.Name, out WorkloadIdentity? identity)
            ? new AuthorityCredentialSource(
                services.GetRequiredService<MeshAuthority>(),
                identity,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<AuthorityCredentialSource>>())
            : null!;
}
