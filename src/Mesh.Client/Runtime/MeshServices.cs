using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Identity;
using Mesh.Client.Resilience.Timeouts;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>What every service's runtime needs of the rest of the process.</summary>
internal sealed record MeshServices(
    SourceChain Endpoints,
    IEndpointHandlerFactory Handlers,
    CredentialStore Credentials,
    TransportChoice Transports,
    ConnectionWarmer Warmer,
    LoadBalancerFactory Balancers,
    CallGuards Guards,
    MeshMetrics Metrics,
    TimeProvider Time,
    ILoggerFactory LoggerFactory)
{
    /// <summary>For endpoints of services that weigh latency as is built in.</summary>
    public LoadClock LoadClock { get; } = new(Time);

    public LinkerdTraffic Linkerd { get; init; } = LinkerdTraffic.Off;

    public required EndpointLog EndpointLog { get; init; }

    public required WatcherLog WatcherLog { get; init; }

    /// <summary>What is told under Linkerd's names; null where nothing is.</summary>
    public LinkerdMetrics? LinkerdNames { get; init; }

    /// <summary>Who watches calls.</summary>
    public CallObservers Observers { get; init; } = CallObservers.None;

    /// <summary>One for all calls.</summary>
    public TimeoutSources Timeouts { get; } = new(Time);
}
