using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads what this process serves as a control plane; null where it is none.</summary>
internal sealed class ServedStatusReader
{
    public const int MaxClients = 200;

    // Of a few clients more is told than of many.
    private const int MaxServicesOfOne = 5;
    private const int MaxServicesOfMany = 2;
    private const int Many = 100;

    private readonly IServiceProvider _services;
    private readonly ConnectedClients? _clients;
    private readonly ServedServiceReader? _served;
    private readonly AuthorityStatusReader? _authority;

    public ServedStatusReader(IServiceProvider services)
    {
        _services = services;
        _clients = services.GetService<ConnectedClients>();
        _served = _clients is null ? null : new ServedServiceReader(services);
        _authority = _clients is null ? null : new AuthorityStatusReader(services);
    }

    public ServedStatus? Read()
    {
        if (_clients is null)
        {
            return null;
        }

        ConnectedSnapshot snapshot = _clients.Read();
        IReadOnlyCollection<FoldedClient> clients = ClientFold.Fold(snapshot.Streams);
        ServedServiceStatus[] services = _served!.Read(snapshot.Services, ClientFold.CountWatchers(clients), out int servicesOmitted);
        int told = clients.Count > Many ? MaxServicesOfMany : MaxServicesOfOne;
        ClientStatus[] most =
        [
            .. clients
                .OrderByDescending(client => client.Streams)
                .ThenBy(client => client.Key.Identity ?? client.Key.Address, StringComparer.Ordinal)
                .ThenBy(client => client.Key.Workload.Pod, StringComparer.Ordinal)
                .Take(MaxClients)
                .Select(client => Shown(client, told)),
        ];
        return new ServedStatus(
            most,
            clients.Count - most.Length,
            services,
            servicesOmitted,
            _services.GetRequiredService<ControlPlaneLoad>().Refused,
            _authority!.ReadCertificates(),
            _authority.ReadAuthority(),
            _authority.ReadInjector());
    }

    private static ClientStatus Shown(FoldedClient client, int services) => new(
        client.Key.Identity,
        client.Key.Address,
        client.Key.Workload.Namespace,
        client.Key.Workload.Pod,
        client.Node,
        client.Since,
        Enum.GetValues<AskedFor>()
            .Where(kind => client.Count(kind) > 0)
            .ToDictionary(GateMetrics.NameOf, client.Count),
        [.. client.Services.Keys.Take(services)],
        Math.Max(0, client.Services.Count - services));
}
