using Mesh.Client.Model;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads one service.</summary>
internal sealed class ServiceStatusReader(TrafficRecorder traffic)
{
    private const int MaxProblems = 50;

    private readonly RouteStatusReader _routes = new(traffic);

    /// <summary>All of an overview: without their endpoints, and without the past of their routes.</summary>
    public ServiceStatus[] Read(ServiceRuntime[] services)
    {
        ServiceSnapshot[] snapshots = Array.ConvertAll(services, service => service.Snapshot);
        RouteBounds bounds = RouteBounds.Overview(Array.ConvertAll(snapshots, snapshot => snapshot.Routes));
        return [.. services.Zip(snapshots, (service, snapshot) => Read(service, snapshot, bounds, history: false))];
    }

    /// <summary>With some of its endpoints.</summary>
    public ServiceStatus Read(ServiceRuntime service, int offset, int limit)
    {
        ServiceSnapshot snapshot = service.Snapshot;
        EndpointStatus[] endpoints = EndpointStatusReader.Read(service, snapshot, offset, limit);
        return Read(service, snapshot, RouteBounds.One, history: true) with
        {
            Endpoints = endpoints,
            EndpointsOmitted = snapshot.Endpoints.Length - endpoints.Length,
        };
    }

    private ServiceStatus Read(ServiceRuntime service, ServiceSnapshot snapshot, RouteBounds bounds, bool history)
    {
        EndpointSet set = snapshot.Set;
        string name = service.Name.Authority;
        return new ServiceStatus
        {
            Name = name,
            Discovery = DiscoveryWords.Of(set.Status),
            Problem = Redacted.Text(set.Problem),
            Source = Redacted.Text(service.Source),
            AgeSeconds = service.DiscoveryAge is { } age ? Math.Round(age.TotalSeconds, 1) : null,
            Updates = service.Updates,
            InFlight = service.Active,
            Waiting = snapshot.Limits?.Slots?.Waiting ?? 0,
            Limit = snapshot.Limits?.Slots?.Bounds.Limit,
            Traffic = traffic.Read(new TrafficKey(name)),
            BroughtTraffic = traffic.Read(TrafficKey.Brought(name)) is { Calls: > 0 } brought ? brought : null,
            EndpointStates = States(snapshot.Endpoints),
            InPanic = service.Health.InPanic,
            Balancing = Balancing(service, snapshot),
            Routes = _routes.Read(service, snapshot, bounds, history),
            RoutesOmitted = Math.Max(0, (snapshot.Routes?.Plans.Count ?? 0) - bounds.Routes),
            Problems = [.. (set.Policy?.Problems ?? []).Take(MaxProblems).Select(problem => Redacted.Text(problem)!)],
        };
    }

    private static Dictionary<string, int> States(EndpointRuntime[] endpoints)
    {
        var states = new Dictionary<string, int>();
        foreach (EndpointRuntime endpoint in endpoints)
        {
            string state = endpoint.State;
            states[state] = states.GetValueOrDefault(state) + 1;
        }

        return states;
    }

    private BalancingStatus Balancing(ServiceRuntime service, ServiceSnapshot snapshot)
    {
        LoadBalancingPolicy policy = snapshot.Policy.LoadBalancing;
        return new BalancingStatus
        {
            Policy = BalancingWords.Name(policy),
            HashOn = policy.Hashes ? [.. policy.HashOn.Select(BalancingWords.Of)] : [],
            EndpointKey = policy.Hashes ? BalancingWords.Of(policy.EndpointKey) : null,
            TableSize = snapshot.Balancers.Shares?.Size,
            Picks = PickCounts.Of(traffic.Picks(service.Name.Authority)),
            Retries = service.Retries?.Read() ?? [],
        };
    }
}
