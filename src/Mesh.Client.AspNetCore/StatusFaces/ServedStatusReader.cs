using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads what this process serves as a control plane; null where it is none.</summary>
internal sealed class ServedStatusReader(IServiceProvider services)
{
    public const int MaxClients = 200;
    public const int MaxServices = 200;
    private const int MaxServicesOfOne = 5;

    private readonly ConnectedClients? _clients = services.GetService<ConnectedClients>();

    public ServedStatus? Read()
    {
        if (_clients is null)
        {
            return null;
        }

        (ClientStatus[] clients, Dictionary<string, ServedServiceStatus> known) = _clients.Read(static (clients, services) => (
            Fold(clients),
            services.ToDictionary(
                service => service.Key,
                service => new ServedServiceStatus(
                    service.Key, service.Value.Endpoints, service.Value.Clients, service.Value.Source),
                StringComparer.Ordinal)));
        AddUnwatched(known);
        ServedServiceStatus[] told =
        [
            .. known.Values
                .OrderByDescending(service => service.Clients)
                .ThenBy(service => service.Name, StringComparer.Ordinal)
                .Take(MaxServices),
        ];
        ClientStatus[] most =
        [
            .. clients
                .OrderByDescending(client => client.Streams.Values.Sum())
                .ThenBy(client => client.Identity ?? client.Address, StringComparer.Ordinal)
                .ThenBy(client => client.Pod, StringComparer.Ordinal)
                .Take(MaxClients),
        ];
        return new ServedStatus(
            most,
            clients.Length - most.Length,
            told,
            known.Count - told.Length,
            services.GetRequiredService<ControlPlaneLoad>().Refused,
            ReadCertificates());
    }

    private CertificatesStatus? ReadCertificates()
    {
        CertificateCounts counts = services.GetRequiredService<CertificateCounts>();
        return AuthorityServices.IsServed(services) ? new CertificatesStatus(counts.Issued, counts.Refused, counts.Latest) : null;
    }

    // What is written down and what has registered is known also while nobody asks for it.
    private void AddUnwatched(Dictionary<string, ServedServiceStatus> known)
    {
        HashSet<string> hosts = new(known.Keys.Select(name => name[..name.LastIndexOf(':')]), StringComparer.Ordinal);
        ServiceNames names = services.GetRequiredService<MeshConfiguration>().Names;
        foreach (ServiceName service in names.Configured())
        {
            if (names.EndpointsOf(service) is { Status: EndpointSetStatus.Known } state)
            {
                known.TryAdd(service.Authority, new ServedServiceStatus(service.Authority, state.Endpoints.Length, 0, "configuration"));
            }
        }

        ServiceRegistry registry = services.GetRequiredService<ServiceRegistry>();
        foreach ((string host, EndpointSet state) in registry.All())
        {
            if (!hosts.Contains(host))
            {
                known.TryAdd(host, new ServedServiceStatus(host, state.Endpoints.Length, 0, registry.Name));
            }
        }
    }

    // A server's registration says nothing of its pod: where one client of that address does, it is the same process.
    private static ClientStatus[] Fold(IReadOnlyCollection<ConnectedClient> clients) =>
    [
        .. clients
            .GroupBy(client => (client.Key.Identity, client.Key.Address))
            .SelectMany(group => group.ToArray() is [var one, var other]
                && (one.Key.Workload == ClientWorkload.None || other.Key.Workload == ClientWorkload.None)
                ? [Shown(one.Key.Workload == ClientWorkload.None ? other : one, [one, other])]
                : group.Select(client => Shown(client, [client]))),
    ];

    private static ClientStatus Shown(ConnectedClient client, ConnectedClient[] parts)
    {
        string[] names =
            [.. parts.SelectMany(part => part.Services.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new ClientStatus(
            client.Key.Identity,
            client.Key.Address,
            client.Key.Workload.Namespace,
            client.Key.Workload.Pod,
            parts.FirstOrDefault(part => part.Node is not null)?.Node,
            parts.Min(part => part.Since),
            Enum.GetValues<AskedFor>()
                .Select(kind => (Kind: kind, Count: parts.Sum(part => part.Count(kind))))
                .Where(kind => kind.Count > 0)
                .ToDictionary(kind => GateMetrics.NameOf(kind.Kind), kind => kind.Count),
            [.. names.Take(MaxServicesOfOne)],
            Math.Max(0, names.Length - MaxServicesOfOne));
    }
}
