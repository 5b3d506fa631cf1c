using Mesh.Client.Model.Routes;
using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Runtime;

/// <summary>What is told of the service under Linkerd's names. Nothing, unless that is turned on.</summary>
internal sealed partial class ServiceRuntime
{
    /// <summary>What is counted of its balancer; null where nobody asks.</summary>
    public LinkerdBalancer? LinkerdBalancer { get; }

    /// <summary>Counts what goes over a connection to one of its endpoints; null where nobody asks.</summary>
    public ConnectionTraffic? CountConnection(EndpointRuntime endpoint) => Services.LinkerdNames is { } names
        ? names.Connection(
            Metrics.Traffics.Of(ref _traffic, Name.Authority, RoutingPolicy.DefaultName, Name.Authority), endpoint, Services.Observers)
        : null;

    // Not when an endpoint is shut by failure accrual: the last one never is, or panic lets calls go there still.
    private void LookAtGate()
    {
        if (!_disposed)
        {
            LinkerdBalancer?.Look(this, static service => service.HasAvailableEndpoint());
        }
    }

    private bool HasAvailableEndpoint()
    {
        bool ignoresEjections = Health.InPanic;
        foreach (EndpointRuntime endpoint in Snapshot.Endpoints)
        {
            if (endpoint.IsAvailable(ignoresEjections))
            {
                return true;
            }
        }

        return false;
    }

    private void CountUpdate(ServiceSnapshot previous, ServiceSnapshot next, bool brought, bool took)
    {
        // That nobody called it is no news of its endpoints.
        if (!_disposed)
        {
            LinkerdBalancer?.Counts.Updated(!previous.Answered && next.Answered, brought, took);
        }
    }
}
