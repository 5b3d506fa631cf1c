using Grpc.AspNetCore.Server;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.AspNetCore.Registry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>What the limits of the embedded control plane register, and the clients that are within them.</summary>
internal static class LimitServices
{
    public static void Add(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ControlPlaneGate)))
        {
            return;
        }

        services.AddOptions<MeshControlPlaneLimitOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshControlPlaneLimitOptions>, LimitOptionsValidator>());
        services.AddSingleton<GateMetrics>();
        services.AddSingleton<GateLog>();
        services.AddSingleton<ControlPlaneLoad>();
        services.AddSingleton<ConnectedClients>();
        services.AddSingleton<CertificateCounts>();
        services.AddSingleton<ControlPlaneGate>();
        services.Configure<GrpcServiceOptions<DestinationService>>(Guard);
        services.Configure<GrpcServiceOptions<OutboundPolicyService>>(Guard);
        services.Configure<GrpcServiceOptions<RegistryService>>(Guard);
        services.Configure<GrpcServiceOptions<IdentityService>>(Guard);
    }

    /// <summary>Reads the options from a section; the same section twice is read once.</summary>
    public static void Configure(IServiceCollection services, IConfigurationSection section)
    {
        bool known = services.Any(
            service => service.ImplementationInstance is LimitConfigureOptions options && options.Section.Path == section.Path);
        if (!known)
        {
            services.AddSingleton<IConfigureOptions<MeshControlPlaneLimitOptions>>(new LimitConfigureOptions(section));
        }
    }

    private static void Guard(GrpcServiceOptions options) => options.Interceptors.Add<ControlPlaneGate>();
}
