using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Services and their routes as text.</summary>
internal static class ServiceText
{
    private const int MaxRoutes = 100;

    public static void Table(StringBuilder text, IReadOnlyList<ServiceStatus> services)
    {
        var table = new TextTable(
            "NAME", "DISCOVERY", ">READY", ">RATE/S", ">SUCCESS", ">P50", ">P99", ">RETRIES", ">IN FLIGHT");
        foreach (ServiceStatus service in services)
        {
            // What is but a backend has calls all the same.
            bool isBrought = IsBrought(service);
            TrafficStatus traffic = isBrought ? service.BroughtTraffic! : service.Traffic;
            table.Add(
                TextWords.Cut(service.Name, 48) + (isBrought ? " *" : null),
                service.Discovery,
                TextWords.Ready(service),
                TextWords.Number(traffic.PerSecond),
                TextWords.Percent(traffic.SuccessRatio),
                TextWords.Milliseconds(traffic.P50Milliseconds),
                TextWords.Milliseconds(traffic.P99Milliseconds),
                TextWords.Number(traffic.Retries),
                TextWords.Number(service.InFlight));
        }

        table.WriteTo(text);
        if (services.Any(IsBrought))
        {
            text.Append("* not called itself: calls that routes of other services brought here\n");
        }
    }

    private static bool IsBrought(ServiceStatus service) => service is { Traffic.PerSecond: 0, BroughtTraffic.PerSecond: > 0 };

    public static void Problems(StringBuilder text, IReadOnlyList<ServiceStatus> services)
    {
        foreach (ServiceStatus service in services)
        {
            text.Append(service.Problem is { } problem ? $"! {service.Name}: {TextWords.Plain(problem)}\n" : null);
            text.Append(service.InPanic ? $"! {service.Name}: so few endpoints are left that ejections are ignored\n" : null);
            foreach (string left in service.Problems)
            {
                text.Append(CultureInfo.InvariantCulture, $"! {service.Name}: {TextWords.Plain(left)}\n");
            }
        }
    }

    public static void Detail(StringBuilder text, ServiceStatus service)
    {
        BalancingStatus balancing = service.Balancing;
        string age = service.AgeSeconds is { } seconds ? TextWords.Duration(TimeSpan.FromSeconds(seconds)) : TextWords.None;
        Line("told by", $"{service.Source ?? TextWords.None}, {service.Updates} updates, the latest {age} ago");
        Line("balancing", balancing.Policy + (balancing.HashOn.Count == 0 ? "" : $" by {string.Join(", ", balancing.HashOn)}")
            + (balancing.EndpointKey is { } key ? $", endpoints by {key}" : "")
            + (balancing.TableSize is { } size ? string.Create(CultureInfo.InvariantCulture, $", {size} slots") : ""));
        Line("picks", TextWords.Counts(balancing.Picks));
        Line("retries", TextWords.Counts(balancing.Retries));
        Line("calls", string.Create(
            CultureInfo.InvariantCulture,
            $"{service.Traffic.Calls}, failures {service.Traffic.Failures}, p95 {TextWords.Milliseconds(service.Traffic.P95Milliseconds)}"));
        if (service.Limit is { } limit)
        {
            Line("limit", string.Create(CultureInfo.InvariantCulture, $"{limit} at once, {service.Waiting} waiting"));
        }

        void Line(string name, string value) => text.Append(name.PadRight(11)).Append(value).Append('\n');
    }

    public static void Routes(StringBuilder text, IReadOnlyList<ServiceStatus> services)
    {
        var table = new TextTable("SERVICE", "ROUTE", "MATCH", "BACKEND", ">WANTED", ">LIVE", ">RATE/S", ">SUCCESS", ">P99");
        (ServiceStatus, RouteStatus)[] all = [.. services.SelectMany(service => service.Routes.Select(route => (service, route)))];
        foreach ((ServiceStatus service, RouteStatus route) in all.Take(MaxRoutes))
        {
            bool first = true;
            foreach (BackendStatus backend in route.Backends)
            {
                table.Add(
                    first ? TextWords.Cut(Short(service.Name), 20) : "",
                    first ? TextWords.Cut(route.Name, 16) : "",
                    first ? TextWords.Cut(route.Match, 26) : "",
                    TextWords.Cut(Short(backend.Key), 20),
                    TextWords.Share(backend.WantedShare),
                    TextWords.Share(backend.LiveShare),
                    TextWords.Number(backend.Traffic.PerSecond),
                    TextWords.Percent(backend.Traffic.SuccessRatio),
                    TextWords.Milliseconds(backend.Traffic.P99Milliseconds));
                first = false;
            }
        }

        table.WriteTo(text);
        Omitted(services.Sum(service => service.RoutesOmitted) + Math.Max(0, all.Length - MaxRoutes), "route");
        Omitted(all.Take(MaxRoutes).Sum(one => one.Item2.BackendsOmitted), "backend");

        void Omitted(int count, string what) =>
            text.Append(count == 0 ? null
                : string.Create(CultureInfo.InvariantCulture, $"and {count} more {what}{(count == 1 ? "" : "s")}\n"));
    }

    // What the services of a cluster have in common says nothing here.
    private static string Short(string name)
    {
        int cluster = name.IndexOf(".svc.", StringComparison.Ordinal);
        return cluster < 0 ? name : $"{name.AsSpan(0, cluster)}{name.AsSpan(name.LastIndexOf(':'))}";
    }
}
