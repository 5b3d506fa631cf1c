using Mesh.Client.AspNetCore.ControlPlane;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Runtime.StatusReading;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads the services that a control plane knows of or is asked for.</summary>
internal sealed class ServedServiceReader(IServiceProvider services)
{
    public const int MaxServices = 200;

    /// <summary>Endpoints of one service at most, and of all together, unless the services are more.</summary>
    private const int MaxEndpoints = 20;
    private const int MaxEndpointsOfAll = 300;
    private const int MaxIdentities = 3;
    private const int MaxRoutes = 5;

    private readonly MeshConfiguration _configuration = services.GetRequiredService<MeshConfiguration>();
    private readonly ServiceRegistry _registry = services.GetRequiredService<ServiceRegistry>();

    /// <param name="watched">Somebody asks for them.</param>
    /// <param name="clients">How many do, by name.</param>
    /// <param name="omitted">How many services are left out.</param>
    public ServedServiceStatus[] Read(
        KeyValuePair<string, ToldService?>[] watched, Dictionary<string, int> clients, out int omitted)
    {
        var known = watched.ToDictionary(StringComparer.Ordinal);
        AddUnwatched(known);
        KeyValuePair<string, ToldService?>[] shown =
        [
            .. known
                .OrderByDescending(service => clients.GetValueOrDefault(service.Key))
                .ThenBy(service => service.Key, StringComparer.Ordinal)
                .Take(MaxServices),
        ];
        omitted = known.Count - shown.Length;
        int most = MaxEndpoints;
        while (most > 1 && shown.Sum(service => Math.Min(most, service.Value?.Known?.Endpoints.Length ?? 0)) > MaxEndpointsOfAll)
        {
            most--;
        }

        var watches = watched.Select(service => service.Key).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. shown.Select(service =>
                Read(service.Key, service.Value, clients.GetValueOrDefault(service.Key), watches.Contains(service.Key), most)),
        ];
    }

    private ServedServiceStatus Read(string name, ToldService? told, int clients, bool isWatched, int most)
    {
        Endpoint[] endpoints = [.. told?.Known?.Endpoints ?? []];
        string[] identities =
        [
            .. endpoints.Select(IdentityOf).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
        ServicePolicy? policy = told?.Known is { } known && DestinationPath.TryParse(name, out ServiceName? service, out _)
            ? ServicePolicies.Of(_configuration.Names, service, known.Policy)
            : null;
        string[] routes = [.. policy?.Routing?.Routes.Select(route => route.Name) ?? []];
        EndpointTally? tally = told?.Known?.Tally;
        return new ServedServiceStatus
        {
            Name = name,
            Endpoints = told?.Known is null ? null : endpoints.Length,
            EndpointsReady = tally?.Ready,
            EndpointsAll = tally?.All,
            Addresses =
                [.. endpoints.Take(most).Select(one => new ServedEndpointStatus(
                    one.Address.Text, identities.Length > 1 ? IdentityOf(one) : null, one.Zone))],
            EndpointsOmitted = Math.Max(0, endpoints.Length - most),
            Identities = [.. identities.Take(MaxIdentities)],
            IdentitiesOmitted = Math.Max(0, identities.Length - MaxIdentities),
            Routes = [.. routes.Take(MaxRoutes)],
            RoutesOmitted = Math.Max(0, routes.Length - MaxRoutes),
            Balancing = policy is null ? null : BalancingWords.Of(policy.LoadBalancing),
            Clients = clients,
            Source = Redacted.Text(told?.Source),
            Discovery = told is null ? null : DiscoveryWords.Of(told.State.Status),
            Problem = told?.State.Problem is { } problem ? Secrets.Show("", problem) : null,
            Since = isWatched ? told?.Since : null,
        };
    }

    private static string? IdentityOf(Endpoint endpoint) => endpoint.Transport.Peer?.Identity.Name;

    // What is written down and what has registered is known also while nobody asks for it.
    private void AddUnwatched(Dictionary<string, ToldService?> known)
    {
        HashSet<string> hosts = new(known.Keys.Select(name => name[..name.LastIndexOf(':')]), StringComparer.Ordinal);
        foreach (ServiceName service in _configuration.Names.Configured())
        {
            if (_configuration.Names.EndpointsOf(service) is { Status: EndpointSetStatus.Known } state)
            {
                known.TryAdd(service.Authority, new ToldService(state, state, "configuration", default));
            }
        }

        foreach ((string host, EndpointSet state) in _registry.All())
        {
            if (!hosts.Contains(host))
            {
                known.TryAdd(host, new ToldService(state, state, _registry.Name, default));
            }
        }
    }
}
