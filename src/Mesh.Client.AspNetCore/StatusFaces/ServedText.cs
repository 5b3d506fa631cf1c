using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>What a control plane serves as text.</summary>
internal static class ServedText
{
    private const int MaxAddresses = 3;
    private const int MaxRoutes = 3;

    public static void Clients(StringBuilder text, ServedStatus served, DateTimeOffset at)
    {
        var table = new TextTable("CLIENT", "POD", "NODE", ">AGE", "STREAMS", "SERVICES");
        foreach (ClientStatus client in served.Clients)
        {
            string? pod = client.Pod is null || client.Namespace is null ? client.Pod ?? client.Namespace : $"{client.Namespace}/{client.Pod}";
            string more = client.ServicesOmitted == 0 ? ""
                : string.Create(CultureInfo.InvariantCulture, $" and {client.ServicesOmitted} more");
            table.Add(
                TextWords.Cut(client.Identity ?? client.Address, 48),
                TextWords.Cut(pod, 32),
                TextWords.Cut(client.Node, 16),
                TextWords.Duration(at - client.Since),
                TextWords.Counts(client.Streams),
                TextWords.Cut(string.Join(", ", client.Services), 80) + more);
        }

        table.WriteTo(text);
        text.Append(served.Clients.Count == 0 ? "none\n" : null);
        More(text, served.ClientsOmitted);
        text.Append(served.Refused == 0 ? null
            : string.Create(CultureInfo.InvariantCulture, $"! {served.Refused} requests were refused, beyond Mesh:ControlPlaneLimits\n"));
    }

    public static void Services(StringBuilder text, ServedStatus served, DateTimeOffset at)
    {
        var table = new TextTable("NAME", ">ENDPOINTS", "IDENTITY", ">ROUTES", ">CLIENTS", "SOURCE", ">AGE");
        foreach (ServedServiceStatus service in served.Services)
        {
            table.Add(
                TextWords.Cut(service.Name, 64),
                Ready(service),
                Identity(service),
                service.Balancing is null ? TextWords.None : TextWords.Number(service.Routes.Count + service.RoutesOmitted),
                TextWords.Number(service.Clients),
                TextWords.Cut(service.Source, 32),
                service.Since is { } since ? TextWords.Duration(at - since) : TextWords.None);
        }

        table.WriteTo(text);
        text.Append(served.Services.Count == 0 ? "none\n" : null);
        More(text, served.ServicesOmitted);
        foreach (ServedServiceStatus service in served.Services.Where(service => service.Problem is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"! {service.Name}: {TextWords.Plain(service.Problem)}\n");
        }
    }

    /// <summary>Where each service is, in a line, and how it is called.</summary>
    public static void Endpoints(StringBuilder text, ServedStatus served)
    {
        var table = new TextTable("NAME", "BALANCING", "ROUTES", "ADDRESSES");
        foreach (ServedServiceStatus service in served.Services.Where(service => service.Addresses.Count > 0))
        {
            table.Add(
                TextWords.Cut(service.Name, 64),
                TextWords.Cut(service.Balancing, 48),
                List([.. service.Routes.Select(route => TextWords.Cut(route, 24))], MaxRoutes, service.RoutesOmitted),
                List([.. service.Addresses.Select(Place)], MaxAddresses, service.EndpointsOmitted));
        }

        table.WriteTo(text);
        text.Append(served.Services.All(service => service.Addresses.Count == 0) ? "none\n" : null);
    }

    // As kubectl does: 2/3 where the source tells of those that are not ready too.
    private static string Ready(ServedServiceStatus service) => service switch
    {
        { EndpointsReady: { } ready, EndpointsAll: { } all } => string.Create(CultureInfo.InvariantCulture, $"{ready}/{all}"),
        { Endpoints: { } endpoints } => TextWords.Number(endpoints),
        { Discovery: "not_found" or "refused" } => service.Discovery,
        _ => TextWords.None,
    };

    private static string Identity(ServedServiceStatus service)
    {
        int others = service.Identities.Count - 1 + service.IdentitiesOmitted;
        return service.Identities.Count == 0 ? TextWords.None
            : TextWords.Cut(service.Identities[0], 64)
                + (others > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {others} more") : "");
    }

    private static string Place(ServedEndpointStatus endpoint) =>
        TextWords.Cut(endpoint.Address, 48) + (endpoint.Zone is { } zone ? $" {TextWords.Cut(zone, 16)}" : "");

    private static string List(string[] all, int most, int omitted)
    {
        int more = Math.Max(0, all.Length - most) + omitted;
        return all.Length == 0 ? TextWords.None
            : string.Join(", ", all.Take(most)) + (more > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {more} more") : "");
    }

    private static void More(StringBuilder text, int omitted) =>
        text.Append(omitted == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"and {omitted} more\n"));
}
