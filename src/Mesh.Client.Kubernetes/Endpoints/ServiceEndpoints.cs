using System.Collections.Immutable;
using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>A Service's endpoints, and what of its settings is of no use.</summary>
/// <param name="Set">In the order of addresses.</param>
/// <param name="Problems">In words for a log and the status page.</param>
internal sealed record ServiceEndpoints(EndpointSet Set, ImmutableArray<string> Problems)
{
    /// <summary>Ready ones of <see cref="All"/>, wherever they are.</summary>
    public int Ready { get; private init; }

    /// <summary>Of the family of addresses that is called, those that are not ready included.</summary>
    public int All { get; private init; }

    private const string Local = "Local";

    /// <summary>
    /// Folds Service, slices and pods into the whole state. The order of the slices, and what they repeat, makes no difference.
    /// </summary>
    /// <param name="view">What is known.</param>
    /// <param name="cache">What was read of slices before; null reads them all.</param>
    /// <param name="transports">What was read of the endpoints before; null reads them all.</param>
    public static ServiceEndpoints Read(ServiceView view, SliceCache? cache = null, TransportCache? transports = null)
    {
        if (view.Object is not { } service)
        {
            return Only(EndpointSet.NotFound($"there is no {view.Target}"));
        }

        if (service.Spec?.Type == ExternalService.Type)
        {
            return ExternalService.Read(view, service, service.Spec.ExternalName ?? "");
        }

        if (CalledPort.Of(service, view.Target, view.Service.Port) is not { } port)
        {
            return Only(UndefinedPort(view, service));
        }

        List<SliceEndpoint> all = (cache ?? new SliceCache()).Read(view.Slices, port);
        if (view.Target.Instance is { } instance)
        {
            all = all.FindAll(endpoint => IsOf(endpoint, instance));
            if (all.Count == 0)
            {
                return Only(EndpointSet.NotFound($"{view.Target} has no endpoint {instance}"));
            }
        }
        else if (port.Name is null
            && all.Count == 0
            && view.Slices.Any(slice => slice is { Ports.Count: > 0, Endpoints.Count: > 0 }))
        {
            return Only(UndefinedPort(view, service));
        }

        var problems = new SortedSet<string>(StringComparer.Ordinal);
        List<SliceEndpoint> family = IPFamilies.Choose(all, service, view.Place.Family);
        List<SliceEndpoint> chosen = Choose(view, service, family, problems);
        EndpointSet set = EndpointSet.Known([.. (transports ?? new TransportCache()).Read(chosen, view, service, problems)]);
        return new ServiceEndpoints(set, [.. problems])
        {
            Ready = family.Count(endpoint => endpoint.Readiness is Readiness.Ready),
            All = family.Count == 0 ? all.Count : family.Count,
        };
    }

    private static ServiceEndpoints Only(EndpointSet set) => new(set, []);

    private static EndpointSet UndefinedPort(ServiceView view, V1Service service)
    {
        string port = view.Target.PortName is { } name ? $"port named {name}" : $"port {view.Service.Port}";
        return EndpointSet.Refused($"{view.Target} has no {port}; its ports are {CalledPort.Describe(service)}");
    }

    private static List<SliceEndpoint> Choose(ServiceView view, V1Service service, List<SliceEndpoint> family, SortedSet<string> problems)
    {
        // Who calls one endpoint by its name means that one, wherever it is.
        bool isOne = view.Target.Instance is not null;
        bool isLocal = service.Spec?.InternalTrafficPolicy == Local && !isOne;
        if (isLocal && view.Place.Node is null)
        {
            isLocal = false;
            problems.Add(
                $"{view.Target}: internalTrafficPolicy Local does not hold, since this process does not know its node; "
                + "set Mesh:Kubernetes:Node or the environment variable NODE_NAME");
        }

        return Topology.Choose(family, isLocal, isOne ? new ClientPlace() : view.Place);
    }

    private static bool IsOf(SliceEndpoint endpoint, string instance) =>
        string.Equals(endpoint.Hostname ?? endpoint.Pod, instance, StringComparison.OrdinalIgnoreCase);
}
