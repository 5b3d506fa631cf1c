using Mesh.Client.Model.Routes;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads the routes of one service, and how its calls are divided.</summary>
internal sealed class RouteStatusReader(TrafficRecorder traffic)
{
    private const int MaxRoutes = 100;
    private const int MaxBackends = 50;

    /// <param name="history">Whether the past of each route and backend is told too.</param>
    public IReadOnlyList<RouteStatus> Read(ServiceRuntime service, ServiceSnapshot snapshot, bool history)
    {
        if (snapshot.Routes is { } routes)
        {
            return [.. routes.Plans.Take(MaxRoutes).Select(plan => Read(service, plan.Policy, history))];
        }

        var otherwise = new RoutePolicy(RoutingPolicy.DefaultName) { Retry = snapshot.Policy.Retry };
        return [Read(service, otherwise, history)];
    }

    private RouteStatus Read(ServiceRuntime service, RoutePolicy route, bool history)
    {
        string name = service.Name.Authority;
        return new RouteStatus(
            route.Name,
            RouteWords.Match(route),
            [.. route.Filters.Select(RouteWords.Filter)],
            RouteWords.Settings(route),
            Backends(service, route, history),
            traffic.Read(new TrafficKey(name, route.Name), history));
    }

    private BackendStatus[] Backends(ServiceRuntime service, RoutePolicy route, bool history)
    {
        RouteBackend[] backends = route.Backends.IsEmpty ? [new RouteBackend(service.Name)] : [.. route.Backends.Take(MaxBackends)];
        TrafficKey[] keys = Array.ConvertAll(
            backends, backend => new TrafficKey(service.Name.Authority, route.Name, backend.Service.Authority));
        int[] recent = Array.ConvertAll(keys, traffic.Recent);
        double calls = recent.Sum();
        double weights = backends.Sum(backend => (double)backend.Weight);
        var read = new BackendStatus[backends.Length];
        for (int i = 0; i < read.Length; i++)
        {
            double wanted = route.Choice switch
            {
                BackendChoice.FirstAvailable => i == 0 ? 1 : 0,
                BackendChoice.Nowhere => 0,
                _ => weights == 0 ? 0 : backends[i].Weight / weights,
            };
            read[i] = new BackendStatus(
                backends[i].Service.Authority,
                backends[i].Weight,
                Math.Round(wanted, 4),
                calls == 0 ? null : Math.Round(recent[i] / calls, 4),
                traffic.Read(keys[i], history));
        }

        return read;
    }
}
