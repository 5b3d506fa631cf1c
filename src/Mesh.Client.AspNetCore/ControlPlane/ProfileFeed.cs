using Grpc.Core;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>The profiles of services and of addresses, and their changes.</summary>
internal sealed class ProfileFeed(ServiceFeed services, MeshConfiguration configuration, EndpointOwners owners)
{
    private readonly WrittenPolicies<DestinationProfile> _written = new();

    /// <inheritdoc cref="ServiceFeed.WatchAsync{T}(ServiceName, string?, Func{ServiceName, EndpointSet?, T}, CancellationToken)"/>
    public IAsyncEnumerable<DestinationProfile> WatchAsync(ServiceName service, string? caller, CancellationToken cancellationToken) =>
        services.WatchAsync(service, caller, (name, state) => WriteOnce(name, state?.Policy), cancellationToken);

    /// <summary>The same for one instance of a service: which endpoint it is.</summary>
    public IAsyncEnumerable<DestinationProfile> WatchAsync(
        ServiceName service, string instance, string? caller, CancellationToken cancellationToken) =>
        services.WatchAsync(service, caller, (name, state) => Write(name, instance, state), cancellationToken);

    /// <summary>The same for an address: a service's own has the service's, an endpoint's says which endpoint it is.</summary>
    public IAsyncEnumerable<DestinationProfile> WatchAsync(EndpointAddress address, string? caller, CancellationToken cancellationToken) =>
        services.WatchAsync(address, caller, (name, state) => WriteOnce(name, state?.Policy), Write, cancellationToken);

    private DestinationProfile WriteOnce(ServiceName service, TrafficPolicy? said) =>
        _written.Of(configuration.Names, service, said, Write);

    private DestinationProfile Write(ServiceName service, TrafficPolicy? said) => UndefinedPorts.Has(configuration.Names, service)
        ? new DestinationProfile()
        : ProfileWriter.Write(ServicePolicies.Of(configuration.Names, service, said).Retry.Budget, service);

    private static DestinationProfile Write(ServiceName service, string instance, EndpointSet? state)
    {
        if (state?.Status is not EndpointSetStatus.Known)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"the endpoints of {service} are not known yet"));
        }

        DestinationProfile profile = ProfileWriter.Write(RetryBudgetPolicy.Default, service: null);
        profile.Endpoint = state.Endpoints.FirstOrDefault(endpoint => InstancePath.IsOf(endpoint, instance)) is { } found
            && EndpointUpdates.TryWrite(found, out WeightedAddr? wire)
            ? wire
            : throw new RpcException(new Status(StatusCode.NotFound, $"{service} has no instance {instance}"));
        return profile;
    }

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
