using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>The endpoints of one service as text.</summary>
internal static class EndpointText
{
    /// <param name="offset">How many come before the first that is told.</param>
    public static void Write(StringBuilder text, ServiceStatus service, int offset)
    {
        IReadOnlyList<EndpointStatus> endpoints = service.Endpoints ?? [];
        var table = new TextTable(
            "ADDRESS", "KEY", "STATE", ">TABLE", ">SHARE", ">ATTEMPTS", ">FAILED", ">IN FLIGHT", ">EWMA", ">CONN", "ZONE", "PICKS");
        foreach (EndpointStatus endpoint in endpoints)
        {
            table.Add(
                TextWords.Cut(endpoint.Address, 28),
                endpoint.HashKey == endpoint.Address ? TextWords.None : TextWords.Cut(endpoint.HashKey, 20),
                endpoint.State,
                TextWords.Share(endpoint.TableShare),
                TextWords.Share(endpoint.AttemptShare),
                TextWords.Number(endpoint.Attempts),
                TextWords.Number(endpoint.Failures),
                TextWords.Number(endpoint.InFlight),
                TextWords.Milliseconds(endpoint.LatencyMilliseconds),
                TextWords.Number(endpoint.Connections),
                TextWords.Cut(endpoint.Zone, 12),
                TextWords.Counts(endpoint.Picks));
        }

        table.WriteTo(text);
        text.Append(endpoints.Count == 0 ? "none\n" : null);
        if (service.EndpointsOmitted > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{offset + 1} to {offset + endpoints.Count} of ");
            text.Append(CultureInfo.InvariantCulture, $"{endpoints.Count + service.EndpointsOmitted}; others by ?offset=\n");
        }

        foreach (EndpointStatus endpoint in endpoints)
        {
            text.Append(endpoint.Why is { } why ? $"! {endpoint.Address} {TextWords.Plain(why)}\n" : null);
        }

        Identities(text, endpoints);
    }

    private static void Identities(StringBuilder text, IReadOnlyList<EndpointStatus> endpoints)
    {
        foreach (IGrouping<(string?, string), EndpointStatus> kind in endpoints.GroupBy(endpoint => (endpoint.Identity, endpoint.Framing)))
        {
            (string? identity, string framing) = kind.Key;
            string who = identity is null ? "" : $" as {identity}";
            text.Append(CultureInfo.InvariantCulture, $"{kind.Count()} spoken to by {framing}{who}\n");
        }
    }
}
