using k8s;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.Setup;

/// <summary>What Kubernetes as a source registers with an application.</summary>
internal static class KubernetesServices
{
    public static void Add(IServiceCollection services, Action<MeshKubernetesOptions>? configure)
    {
        AddAccess(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(CreateSource);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IEndpointSource, KubernetesSource>(
            provider => provider.GetRequiredService<KubernetesSource>()));
        services.TryAddSingleton<ILoadBalancingSource>(provider => provider.GetRequiredService<KubernetesSource>());
    }

    /// <summary>The way to the API server, and what is watched there: what a control plane needs that asks for no endpoints.</summary>
    public static void AddAccess(IServiceCollection services)
    {
        services.AddOptions<MeshKubernetesOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MeshKubernetesOptions>, KubernetesConfigureOptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<MeshKubernetesOptions>, KubernetesDefaults>(
            provider => new(provider.GetRequiredService<LinkerdEnvironment>(), KubernetesClientConfiguration.KubeConfigDefaultLocation)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshKubernetesOptions>, KubernetesOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<MeshClientOptions>, NamespaceDefault>());
        services.TryAddSingleton(CreateServer);
        services.TryAddSingleton(CreateWatches);
    }

    private static ApiServer CreateServer(IServiceProvider provider)
    {
        MeshKubernetesOptions options = provider.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value;
        KubernetesClientConfiguration access = options.Access!;
        return new ApiServer(
            access,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ControlPlanes>().StreamsOf(new Uri(access.Host)),
            authorities: options.Authorities);
    }

    private static IResourceWatches CreateWatches(IServiceProvider provider)
    {
        MeshMetrics metrics = provider.GetRequiredService<MeshMetrics>();
        return new ResourceWatches(
            provider.GetRequiredService<ApiServer>(),
            provider.GetRequiredService<ILogger<ResourceWatches>>(),
            _ => metrics.RefusedInput("kubernetes"));
    }

    private static KubernetesSource CreateSource(IServiceProvider provider)
    {
        MeshKubernetesOptions options = provider.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value;
        MeshMetrics metrics = provider.GetRequiredService<MeshMetrics>();
        return new KubernetesSource(
            options.Enabled ? provider.GetRequiredService<IResourceWatches>() : null,
            Setup(provider, options),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<KubernetesSource>>(),
            _ => metrics.RefusedInput("kubernetes"));
    }

    private static KubernetesSetup Setup(IServiceProvider provider, MeshKubernetesOptions options)
    {
        MeshClientOptions mesh = provider.GetRequiredService<MeshConfiguration>().Current;
        return new KubernetesSetup
        {
            ClusterDomain = mesh.ClusterDomain,
            Namespace = mesh.Namespace,
            Place = new ClientPlace(options.Node, options.Zone, options.IPFamily),
            HostFamily = HostFamilies.Only(),
            ReadsPods = options.Pods && provider.GetRequiredService<CredentialStore>().IsEnabled,
            RequiresGrants = options.RequireReferenceGrants,
            Policies = provider.GetRequiredService<PolicyNames>(),
            Linkerd = new LinkerdMesh(mesh.Linkerd.ControlPlaneNamespace, mesh.Linkerd.TrustDomain ?? mesh.ClusterDomain),
        };
    }
}
