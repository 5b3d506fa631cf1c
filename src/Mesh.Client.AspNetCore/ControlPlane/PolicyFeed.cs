using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Mesh.Client.Discovery;
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
    ControlPlaneSources sources, MeshConfiguration configuration, EndpointOwners owners, ILogger<PolicyFeed> logger)
{
    private const string Unowned = "egress-fallback";

    private readonly ConcurrentDictionary<ServiceName, string> _told = new();

    public EndpointOwners Owners => owners;

    public string ClusterDomain => configuration.Current.ClusterDomain;

    /// <summary>What holds for a service now.</summary>
    public ServicePolicy Of(ServiceName service) => ServicePolicies.Of(configuration.Names, service, said: null);

    /// <summary>The policy of a service, now and with every change.</summary>
    /// <exception cref="RpcException">No source knows the service, or none can say.</exception>
    public async IAsyncEnumerable<OutboundPolicy> WatchAsync(
        ServiceName service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var news = new Pulse();
        ChainWatch watch = sources.All.Open(service, new Pulse(), news);
        await using (watch.ConfigureAwait(false))
        {
            OutboundPolicy? last = null;
            while (true)
            {
                Task told = news.Signalled;
                Task changed = configuration.Changed;
                if ((await watch.ReadAsync().ConfigureAwait(false)).State is { } state && IsThere(service, state))
                {
                    OutboundPolicy now = Write(service);
                    if (!now.Equals(last))
                    {
                        last = now;
                        yield return now;
                    }
                }

                await Task.WhenAny(told, changed).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The same for an address.</summary>
    public async IAsyncEnumerable<OutboundPolicy> WatchAsync(
        EndpointAddress address, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        OutboundPolicy? last = null;
        while (true)
        {
            Task changed = owners.Changed;
            OutboundPolicy now = Write(address);
            if (!now.Equals(last))
            {
                last = now;
                yield return now;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsThere(ServiceName service, EndpointSet state) => state.Status switch
    {
        EndpointSetStatus.Known => true,
        EndpointSetStatus.Unknown when state.Problem is null => false,
        EndpointSetStatus.Unknown => throw new RpcException(new Status(StatusCode.Unavailable, state.Problem)),
        _ => throw new RpcException(new Status(
            StatusCode.NotFound, state.Problem is null ? $"no service {service}" : $"no service {service}: {state.Problem}")),
    };

    private OutboundPolicy Write(ServiceName service)
    {
        var leftOut = new LeftOut();
        OutboundPolicy policy = OutboundPolicyWriter.Write(Of(service), service, leftOut);
        string what = string.Join(", ", leftOut.What);
        if (what.Length > 0 && (!_told.TryGetValue(service, out string? told) || told != what))
        {
            _told[service] = what;
            LogLeftOut(service, what);
        }

        return policy;
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
