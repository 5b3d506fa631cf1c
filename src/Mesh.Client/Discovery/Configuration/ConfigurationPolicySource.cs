using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>The policy that configuration gives a service; every service has one.</summary>
internal sealed class ConfigurationPolicySource(MeshConfiguration configuration) : IPolicySource
{
    public IAsyncEnumerable<ServicePolicy> WatchAsync(ServiceName service, CancellationToken cancellationToken) =>
        configuration.WatchAsync(service, ServicePolicies.Of, EqualityComparer<ServicePolicy>.Default, cancellationToken);
}
