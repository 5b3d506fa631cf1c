using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>What a control plane serves as text.</summary>
internal static class ServedText
{
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

    public static void Services(StringBuilder text, ServedStatus served)
    {
        var table = new TextTable("NAME", ">ENDPOINTS", ">CLIENTS", "SOURCE");
        foreach (ServedServiceStatus service in served.Services)
        {
            table.Add(
                TextWords.Cut(service.Name, 64),
                service.Endpoints is { } endpoints ? TextWords.Number(endpoints) : TextWords.None,
                TextWords.Number(service.Clients),
                TextWords.Cut(service.Source, 32));
        }

        table.WriteTo(text);
        text.Append(served.Services.Count == 0 ? "none\n" : null);
        More(text, served.ServicesOmitted);
        if (served.Certificates is { } certificates)
        {
            text.Append(CultureInfo.InvariantCulture, $"certificates issued {certificates.Issued}, refused {certificates.Refused}");
            text.Append(certificates.Latest is { } latest ? $", the latest at {TextWords.Time(latest)}\n" : "\n");
        }
    }

    private static void More(StringBuilder text, int omitted) =>
        text.Append(omitted == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"and {omitted} more\n"));
}
