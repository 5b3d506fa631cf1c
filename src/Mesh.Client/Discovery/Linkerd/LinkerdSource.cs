using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;
using DestinationClient = Mesh.Client.Discovery.Destination.Protocol.Destination.DestinationClient;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// A Linkerd control plane: for each service its policy (<c>OutboundPolicies/Watch</c>), its profile (<c>Destination/GetProfile</c>) and
/// its endpoints (<c>Destination/Get</c>), as one state.
/// </summary>
internal sealed class LinkerdSource : IEndpointSource
{
    /// <param name="destination">Not disposed by the source.</param>
    /// <param name="policy">Not disposed by the source.</param>
    /// <param name="setup">Who asks, and for what.</param>
    /// <param name="time">Measures silence, limits and backoff.</param>
    /// <param name="logger">Told of outages, and once of each kind of bad input.</param>
    /// <param name="badInput">Told of every bad input: a counter.</param>
    /// <param name="policies">What a balancing policy may be named; null: the built-in ones.</param>
    public LinkerdSource(
        ControlPlaneChannel destination,
        ControlPlaneChannel policy,
        LinkerdSetup setup,
        TimeProvider time,
        ILogger logger,
        Action<BadInput>? badInput = null,
        PolicyNames? policies = null)
    {
        (Destination, Policy) = (destination, policy);
        Destinations = new DestinationClient(destination.CreateCallInvoker());
        Policies = new OutboundPolicies.OutboundPoliciesClient(policy.CreateCallInvoker());
        Setup = setup;
        PolicyNames = policies ?? PolicyNames.None;
        Time = time;
        Name = $"{setup.Kind} {ControlPlaneAddress.Text(destination.Address)}";
        PolicyName = $"{setup.Kind} {ControlPlaneAddress.Text(policy.Address)}";
        Log = new WatchLog(Name, time, logger, badInput);
    }

    public string Name { get; }

    public bool TellsPolicies => true;

    public string PolicyName { get; }

    public ControlPlaneChannel Destination { get; }

    public ControlPlaneChannel Policy { get; }

    public DestinationClient Destinations { get; }

    public OutboundPolicies.OutboundPoliciesClient Policies { get; }

    public LinkerdSetup Setup { get; }

    public PolicyNames PolicyNames { get; }

    public TimeProvider Time { get; }

    public WatchLog Log { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// A name that is not below the cluster's domain is not found without asking: Linkerd knows of no other. Ends then only.
    /// </remarks>
    public IAsyncEnumerable<EndpointSet> WatchAsync(ServiceName service, Pulse demand, CancellationToken cancellationToken) =>
        LatestState.ReadAsync(
            this,
            service,
            demand,
            static (self, service, demand, latest, stop) => self.RunAsync(service, demand, latest, stop),
            cancellationToken);

    private Task RunAsync(ServiceName service, Pulse demand, LatestState latest, CancellationToken stop)
    {
        if (Serves(service))
        {
            return new LinkerdWatch(this, service, demand, latest.Write).RunAsync(stop);
        }

        latest.Write(EndpointSet.NotFound($"{Name} is not asked: {service.Host} is not below svc.{Setup.ClusterDomain}"));
        return Task.CompletedTask;
    }

    /// <summary>The service that a <c>dst.path</c> names; null: it names none.</summary>
    public ServiceName? Backend(string path)
    {
        int colon = path.LastIndexOf(':');
        string host = (colon < 0 ? path : path[..colon]).TrimEnd('.').ToLowerInvariant();
        int port = 80;
        return (colon < 0 || (int.TryParse(path.AsSpan(colon + 1), out port) && port is >= 1 and <= 65535))
            && DnsNames.Problem(host) is null && IsBelow(host) ? new ServiceName(host, port) : null;
    }

    private bool Serves(ServiceName service) => DnsNames.IsAddress(service.Host) ? Setup.Addresses : IsBelow(service.Host);

    private bool IsBelow(string host) => host.EndsWith($".svc.{Setup.ClusterDomain}", StringComparison.OrdinalIgnoreCase);
}
