using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>The profiles of services and of addresses, and their changes.</summary>
internal sealed class ProfileFeed(ServiceFeed services, MeshConfiguration configuration, EndpointOwners owners)
{
    /// <inheritdoc cref="ServiceFeed.WatchAsync{T}(ServiceName, Func{ServiceName, T}, CancellationToken)"/>
    public IAsyncEnumerable<DestinationProfile> WatchAsync(ServiceName service, CancellationToken cancellationToken) =>
        services.WatchAsync(service, Write, cancellationToken);

    /// <summary>The same for an address: a service's own has the service's, an endpoint's says which endpoint it is.</summary>
    public IAsyncEnumerable<DestinationProfile> WatchAsync(EndpointAddress address, CancellationToken cancellationToken) =>
        services.WatchAsync(address, Write, Write, cancellationToken);

    private DestinationProfile Write(ServiceName service) =>
        ProfileWriter.Write(ServicePolicies.Of(configuration.Names, service, said: null).Retry.Budget, service);

    private DestinationProfile Write(EndpointAddress address)
    {
        DestinationProfile profile = ProfileWriter.Write(RetryBudgetPolicy.Default, service: null);
        if (owners.TryFind(address, out _, out Endpoint? endpoint) && EndpointUpdates.TryWrite(endpoint, out WeightedAddr? wire))
        {
            profile.Endpoint = wire;
        }

        return profile;
    }
}
