using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Discovery.Providers;
using Mesh.Client.Grpc;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Runtime.StatusReading;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Telemetry.Metering;
using Mesh.Client.Telemetry.Traffic;
using Mesh.Client.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Runtime;

/// <summary>What the mesh registers with an application.</summary>
internal static class MeshClientServices
{
    public static void Add(IServiceCollection services)
    {
        AddConfiguration(services);
        services.AddHttpClient();
        services.TryAddSingleton<IEndpointHandlerFactory, SocketEndpointHandlerFactory>();
        services.TryAddSingleton<TransportChoice>();
        services.TryAddSingleton<ConnectionWarmer>();
        services.TryAddSingleton<LoadBalancerFactory>();
        services.RemoveAll<PolicyNames>().AddSingleton(CreatePolicyNames);
        services.TryAddSingleton(CreateRuntimeServices);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICallObserver, CallMetrics>());
        services.TryAddSingleton<LinkerdMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICallObserver, LinkerdMetrics>(
            provider => provider.GetRequiredService<LinkerdMetrics>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICallObserver, AccessLog>());
        services.TryAddSingleton<EndpointLog>();
        services.TryAddSingleton<WatcherLog>();
        services.TryAddSingleton<CredentialRotation>();
        services.TryAddSingleton<MeshRuntime>();
        services.TryAddSingleton<IMeshChannelFactory, MeshChannelFactory>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MeshStartup>());
        services.TryAddSingleton(SidecarAddress.Default);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SidecarSign>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, NodeSign>());
    }

    /// <summary>Options, their reload, and the endpoints written down in them: what a control plane needs as well.</summary>
    public static void AddConfiguration(IServiceCollection services)
    {
        services.AddLogging();
        services.AddMetrics();
        services.AddOptions<MeshClientOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshClientOptions>, OptionsValidator>());
        services.TryAddSingleton(LinkerdEnvironment.Process);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<MeshClientOptions>, LinkerdDefaults>());
        services.TryAddSingleton(new PolicyNames(registered: null));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<MeshMetrics>();
        services.TryAddSingleton<MeshConfiguration>();
        services.TryAddSingleton<TrafficRecorder>();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<ICallObserver, TrafficRecorder>(provider => provider.GetRequiredService<TrafficRecorder>()));
        services.TryAddSingleton<StatusReader>();
        services.TryAddSingleton<TlsConnections>();
        services.TryAddSingleton<IHostResolver, DnsResolver>();
        services.TryAddSingleton<ControlPlanes>();
        services.TryAddSingleton(CredentialSources.CreateStore);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, IdentityStartup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IEndpointSource, ConfigurationEndpointSource>());
    }

    /// <summary>Reads the options from a section; the same section twice is read once.</summary>
    public static void Configure(IServiceCollection services, IConfigurationSection section)
    {
        if (!IsRead(services, section.Path))
        {
            services.AddSingleton<IConfigureOptions<MeshClientOptions>>(new MeshConfigureOptions(section));
        }
    }

    /// <summary>The same with the section <c>Mesh</c> of the configuration that is registered when the options are made.</summary>
    public static void ConfigureFromApplication(IServiceCollection services)
    {
        if (!IsRead(services, ApplicationSection.Path))
        {
            services.AddSingleton(ApplicationSection.Read);
        }
    }

    private static bool IsRead(IServiceCollection services, string path) => services.Any(service =>
        path == (ApplicationSection.IsRead(service) ? ApplicationSection.Path
            : (service.ImplementationInstance as MeshConfigureOptions)?.Section.Path));

    public static void AddControlPlane(IServiceCollection services, Uri address, WorkloadIdentity? peer) =>
        services.AddSingleton<IEndpointSource>(provider => Source(provider, address, peer));

    public static void AddLinkerd(IServiceCollection services, Action<MeshLinkerdOptions>? configure)
    {
        services.Configure<MeshClientOptions>(options =>
        {
            options.Linkerd.Enabled = true;
            configure?.Invoke(options.Linkerd);
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IEndpointSource, LinkerdSource>(Linkerd));
    }

    private static PolicyNames CreatePolicyNames(IServiceProvider provider) =>
        new(provider.GetServices<LoadBalancerRegistration>().Select(registration => registration.Name));

    public static void AddServiceDiscoveryProviders(IServiceCollection services) =>
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IEndpointSource, ProviderSource>(provider => new ProviderSource(
            provider.GetServices<IServiceEndpointProviderFactory>(),
            provider.GetRequiredService<MeshConfiguration>(),
            provider.GetRequiredService<IOptions<ServiceDiscoveryOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ProviderSource>>(),
            _ => provider.GetRequiredService<MeshMetrics>().RefusedInput("service_discovery"))));

    // Local endpoints first, then the control plane that configuration names, then what code added.
    private static MeshServices CreateRuntimeServices(IServiceProvider provider)
    {
        List<IEndpointSource> sources = [.. provider.GetServices<IEndpointSource>()];
        MeshClientOptions options = provider.GetRequiredService<MeshConfiguration>().Current;
        MeshControlPlaneOptions controlPlane = options.ControlPlane;
        int local = sources.FindIndex(source => source is ConfigurationEndpointSource);
        if (options.Linkerd.Enabled && !sources.Exists(source => source is LinkerdSource))
        {
            sources.Insert(local + 1, Linkerd(provider));
        }

        if (controlPlane.Address is { } address)
        {
            WorkloadIdentity? peer = WorkloadIdentity.TryParse(controlPlane.Identity, out WorkloadIdentity? identity) ? identity : null;
            sources.Insert(local + 1, Source(provider, address, peer, controlPlane.Policies));
        }

        return new MeshServices(
            new SourceChain(sources, provider.GetService<ILoadBalancingSource>()),
            provider.GetRequiredService<IEndpointHandlerFactory>(),
            provider.GetRequiredService<CredentialStore>(),
            provider.GetRequiredService<TransportChoice>(),
            provider.GetRequiredService<ConnectionWarmer>(),
            provider.GetRequiredService<LoadBalancerFactory>(),
            new CallGuards(),
            provider.GetRequiredService<MeshMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>())
        {
            Linkerd = provider.GetService<LinkerdTraffic>() ?? LinkerdTraffic.Of(options.Linkerd),
            EndpointLog = provider.GetRequiredService<EndpointLog>(),
            WatcherLog = provider.GetRequiredService<WatcherLog>(),
            LinkerdNames = provider.GetRequiredService<LinkerdMetrics>() is { Meter: not null } names ? names : null,
            Observers = new CallObservers(
                provider.GetServices<ICallObserver>(), provider.GetRequiredService<ILogger<CallObservers>>()),
        };
    }

    private static LinkerdSource Linkerd(IServiceProvider provider) =>
        Linkerd(provider, LinkerdSetup.Of(provider.GetRequiredService<MeshConfiguration>().Current));

    private static LinkerdSource Linkerd(IServiceProvider provider, LinkerdSetup setup) =>
        provider.GetRequiredService<ControlPlanes>().Linkerd(
            setup, provider.GetRequiredService<CredentialStore>(), provider.GetRequiredService<PolicyNames>());

    /// <exception cref="InvalidOperationException">The address goes with the mesh's identity in no way.</exception>
    private static IEndpointSource Source(IServiceProvider provider, Uri address, WorkloadIdentity? peer, bool tellsPolicies = false)
    {
        CredentialStore credentials = provider.GetRequiredService<CredentialStore>();
        if (peer is not null && !credentials.IsEnabled)
        {
            throw new InvalidOperationException(
                $"Control plane {ControlPlaneAddress.Text(address)}: without Identity:Source its identity cannot be verified.");
        }

        if (peer is null && address.Scheme == Uri.UriSchemeHttp && credentials.Mode is MeshIdentityMode.Strict)
        {
            throw new InvalidOperationException(
                $"Control plane {ControlPlaneAddress.Text(address)}: under Mode Strict it is not asked in plaintext; "
                + "say whom to expect there.");
        }

        if (tellsPolicies)
        {
            MeshClientOptions options = provider.GetRequiredService<MeshConfiguration>().Current;
            return Linkerd(provider, LinkerdSetup.OfControlPlane(options, provider.GetRequiredService<LinkerdEnvironment>()));
        }

        return provider.GetRequiredService<ControlPlanes>().Source(
            address,
            peer,
            provider.GetRequiredService<MeshConfiguration>().Current.Namespace,
            credentials,
            provider.GetRequiredService<PolicyNames>(),
            provider.GetRequiredService<LinkerdEnvironment>());
    }
}
