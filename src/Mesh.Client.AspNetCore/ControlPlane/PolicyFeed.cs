using System.Collections.Concurrent;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>The policies of services and of addresses, and their changes.</summary>
internal sealed partial class PolicyFeed(
    ServiceFeed services, MeshConfiguration configuration, EndpointOwners owners, ILogger<PolicyFeed> logger)
{
    private const string Unowned = "egress-fallback";

    private readonly ConcurrentDictionary<ServiceName, string> _told = new();
    private readonly WrittenPolicies<OutboundPolicy> _written = new();

    public string ClusterDomain => configuration.Current.ClusterDomain;

    /// <inheritdoc cref="ServiceFeed.WatchAsync{T}(ServiceName, string?, Func{ServiceName, EndpointSet?, T}, CancellationToken)"/>
    public IAsyncEnumerable<OutboundPolicy> WatchAsync(ServiceName service, string? caller, CancellationToken cancellationToken) =>
        services.WatchAsync(service, caller, (name, state) => WriteOnce(name, state?.Policy), cancellationToken);

    /// <summary>
    /// The same for an address: a service's own has the service's. As at Linkerd's, ports that the service has not are refused here only;
    /// by its name any port has the service's policy.
    /// </summary>
    public IAsyncEnumerable<OutboundPolicy> WatchAsync(EndpointAddress address, string? caller, CancellationToken cancellationToken) =>
        services.WatchAsync(address, caller, (name, state) => WriteAt(name, state?.Policy), Write, cancellationToken);

    private OutboundPolicy WriteAt(ServiceName service, TrafficPolicy? said) =>
        UndefinedPorts.Has(configuration.Names, service) ? UndefinedPorts.Policy(service) : WriteOnce(service, said);

    private OutboundPolicy WriteOnce(ServiceName service, TrafficPolicy? said) =>
        _written.Of(configuration.Names, service, said, Write);

    private OutboundPolicy Write(ServiceName service, TrafficPolicy? said)
    {
        var leftOut = new LeftOut();
        ServicePolicy policy = ServicePolicies.Of(configuration.Names, service, said);
        OutboundPolicy written = OutboundPolicyWriter.Write(policy, service, leftOut);
        string what = string.Join(", ", leftOut.What);
        if (what.Length > 0 && (!_told.TryGetValue(service, out string? told) || told != what))
        {
            _told[service] = what;
            LogLeftOut(service, what);
        }

        return written;
    }

    private OutboundPolicy Write(EndpointAddress address) =>
        owners.TryFind(address, out ServiceName? service, out Endpoint? endpoint)
        && EndpointUpdates.TryWrite(endpoint, out WeightedAddr? known)
            ? ForwardPolicies.To(known, service.Authority)
        : DestinationAddresses.TryWrite(address, out TcpAddress? wire)
            ? ForwardPolicies.To(new WeightedAddr { Addr = wire, Weight = 1 }, Unowned)
        : throw new InvalidOperationException($"{address} came over the wire, and has a host name.");

    [LoggerMessage(EventId = 1, EventName = "SettingsLeftOut", Level = LogLevel.Warning,
        Message = "Linkerd's policy protocol has no place for what {Service} has of these settings, and its clients do without: "
            + "{Settings}.")]
    private partial void LogLeftOut(ServiceName service, string settings);
}
