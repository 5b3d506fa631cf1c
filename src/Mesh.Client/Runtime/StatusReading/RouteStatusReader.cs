using System.Globalization;
using Mesh.Client.Model.Routes;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads the routes of one service, and how its calls are divided.</summary>
internal sealed class RouteStatusReader(TrafficRecorder traffic)
{
    /// <param name="service">Whose.</param>
    /// <param name="snapshot">Its latest.</param>
    /// <param name="bounds">How many are told.</param>
    /// <param name="history">Whether the past of each route and backend is told too.</param>
    public IReadOnlyList<RouteStatus> Read(ServiceRuntime service, ServiceSnapshot snapshot, RouteBounds bounds, bool history)
    {
        if (snapshot.Routes is { } routes)
        {
            return [.. routes.Plans.Take(bounds.Routes).Select(plan => Read(service, plan.Policy, bounds.Backends, history))];
        }

        var otherwise = new RoutePolicy(RoutingPolicy.DefaultName) { Retry = snapshot.Policy.Retry };
        return [Read(service, otherwise, bounds.Backends, history)];
    }

    private RouteStatus Read(ServiceRuntime service, RoutePolicy route, int most, bool history)
    {
        string name = service.Name.Authority;
        return new RouteStatus(
            route.Name,
            RouteWords.Match(route),
            [.. route.Filters.Select(RouteWords.Filter)],
            RouteWords.Settings(route),
            Backends(service, route, most, history),
            traffic.Read(new TrafficKey(name, route.Name), history))
        {
            BackendsOmitted = Math.Max(0, RouteBounds.CountBackends(route) - most),
        };
    }

    private BackendStatus[] Backends(ServiceRuntime service, RoutePolicy route, int most, bool history)
    {
        RouteBackend[] backends = route.Backends.IsEmpty ? [new RouteBackend(service.Name)] : [.. route.Backends];
        double weights = backends.Sum(backend => (double)backend.Weight);

        // Calls are counted by the service that they went to: several sides of one service are not told apart.
        var sides = new Dictionary<string, int>(StringComparer.Ordinal);
        string[] keys = Array.ConvertAll(backends, backend => Key(backend.Service.Authority, sides));
        double calls = sides.Keys.Sum(name => traffic.Recent(Place(name)));
        var read = new BackendStatus[Math.Min(backends.Length, most)];
        for (int i = 0; i < read.Length; i++)
        {
            string name = backends[i].Service.Authority;
            double wanted = route.Choice switch
            {
                BackendChoice.FirstAvailable => i == 0 ? 1 : 0,
                BackendChoice.Nowhere => 0,
                _ => weights == 0 ? 0 : backends[i].Weight / weights,
            };
            read[i] = new BackendStatus(
                name,
                backends[i].Weight,
                Math.Round(wanted, 4),
                calls == 0 || sides[name] > 1 ? null : Math.Round(traffic.Recent(Place(name)) / calls, 4),
                traffic.Read(Place(name), history))
            {
                Key = keys[i],
            };
        }

        return read;

        TrafficKey Place(string backend) => new(service.Name.Authority, route.Name, backend);
    }

    private static string Key(string name, Dictionary<string, int> sides)
    {
        int side = sides[name] = sides.GetValueOrDefault(name) + 1;
        return side == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}#{side}");
    }
}
