using Mesh.Client.Model.Routes;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads the routes of one service, and how its calls are divided.</summary>
internal sealed class RouteStatusReader(TrafficRecorder traffic)
{
    private const int MaxRoutes = 100;
    private const int MaxBackends = 50;

    public IReadOnlyList<RouteStatus> Read(ServiceRuntime service, ServiceSnapshot snapshot)
    {
        if (snapshot.Routes is { } routes)
        {
            return [.. routes.Plans.Take(MaxRoutes).Select(plan => Read(service, plan.Policy))];
        }

        var otherwise = new RoutePolicy(RoutingPolicy.DefaultName) { Retry = snapshot.Policy.Retry };
        return [Read(service, otherwise)];
    }

    private RouteStatus Read(ServiceRuntime service, RoutePolicy route)
    {
        string name = service.Name.Authority;
        return new RouteStatus(
            route.Name,
            RouteWords.Match(route),
            [.. route.Filters.Select(RouteWords.Filter)],
            RouteWords.Settings(route),
            Backends(service, route),
            traffic.Read(new TrafficKey(name, route.Name)));
    }

    private BackendStatus[] Backends(ServiceRuntime service, RoutePolicy route)
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
                traffic.Read(keys[i]));
        }

        return read;
    }
}
