using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.Injector;
using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.AspNetCore.Anchors;
using Mesh.Client.Kubernetes.AspNetCore.Tokens;
using Mesh.Client.Kubernetes.Setup;
using Mesh.Client.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.AspNetCore.Setup;

/// <summary>What the authority in a cluster registers. Where it is not enabled none of it does anything.</summary>
internal static class AuthorityServices
{
    public static void Add(IServiceCollection services, Action<MeshKubernetesAuthorityOptions>? configure)
    {
        MeshClientServices.AddConfiguration(services);
        KubernetesServices.AddAccess(services);
        Mesh.Client.AspNetCore.Authority.AuthorityServices.Add(services);
        services.AddOptions<MeshKubernetesAuthorityOptions>().ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IConfigureOptions<MeshKubernetesAuthorityOptions>, AuthorityConfigureOptions>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<MeshKubernetesAuthorityOptions>, AuthorityOptionsValidator>());
        if (services.Any(service => service.ServiceType == typeof(SharedAnchors)))
        {
            return;
        }

        services.AddSingleton<SharedAnchors>();
        services.AddSingleton<TokenReviewLog>();
        services.AddSingleton(CreateExternal);
        services.AddSingleton(CreateValidator);
        services.AddSingleton(CreateInjected);
        services.AddSingleton(CreatePlace);
        services.AddSingleton<IHostedService>(provider => new AuthorityReconcilers(provider));
    }

    public static MeshKubernetesAuthorityOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<MeshKubernetesAuthorityOptions>>().Value;

    public static string NamespaceOf(IServiceProvider services) =>
        Options(services).Namespace ?? services.GetRequiredService<MeshConfiguration>().Current.Namespace;

    // Null where it is not enabled: then no such thing counts as registered.
    private static ExternalIssuer CreateExternal(IServiceProvider services) => Options(services).Enabled
        ? new ExternalIssuer($"Secret {NamespaceOf(services)}/{Options(services).IssuerSecret}")
        : null!;

    private static ITokenValidator CreateValidator(IServiceProvider services) => Options(services).Enabled
        ? new TokenReviewValidator(
            services.GetRequiredService<ApiServer>(), Options(services), services.GetRequiredService<TokenReviewLog>())
        : ActivatorUtilities.CreateInstance<DevelopmentTokenValidator>(services);

    private static InjectedDefaults CreateInjected(IServiceProvider services)
    {
        MeshKubernetesAuthorityOptions options = Options(services);
        return options.Enabled
            ? new InjectedDefaults(
                new($"{options.SectionPath}:{nameof(options.IdentityTemplate)}", options.IdentityTemplate),
                new($"{options.SectionPath}:{nameof(options.Audience)}", options.Audience),
                new($"{options.SectionPath}:{nameof(options.TrustBundle)}", options.TrustBundle))
            : null!;
    }

    private static SettingsPlace CreatePlace(IServiceProvider services) => SettingsPlaces.Fixed(
        Options(services),
        options => options.SectionPath,
        [.. services.GetServices<IConfigureOptions<MeshKubernetesAuthorityOptions>>()
            .OfType<AuthorityConfigureOptions>().SelectMany(options => options.Sections)],
        AuthorityConfigureOptions.Read,
        AuthorityWriter.Write);
}
