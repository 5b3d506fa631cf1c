using Mesh.Client.Discovery;
using Mesh.Client.Identity;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>What every service's runtime needs of the rest of the process.</summary>
internal sealed record MeshServices(
    IEndpointSource Endpoints,
    IPolicySource Policies,
    IEndpointHandlerFactory Handlers,
    CredentialStore Credentials,
    TransportChoice Transports,
    ConnectionWarmer Warmer,
    LoadBalancerFactory Balancers,
    CallGuards Guards,
    MeshMetrics Metrics,
    TimeProvider Time,
    ILoggerFactory LoggerFactory);
