namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Which endpoints are for clients at a place, as kube-proxy has it.</summary>
internal static class Topology
{
    /// <summary>Those that take calls: the ready ones that are near, or where none is ready, those that still serve.</summary>
    /// <param name="endpoints">Of one service.</param>
    /// <param name="isLocal">The Service is for clients on the endpoints' own nodes only.</param>
    /// <param name="place">Where the client is.</param>
    public static List<SliceEndpoint> Choose(List<SliceEndpoint> endpoints, bool isLocal, ClientPlace place)
    {
        List<SliceEndpoint> near = isLocal ? endpoints.FindAll(endpoint => endpoint.Node == place.Node) : endpoints;
        List<SliceEndpoint> ready = near.FindAll(endpoint => endpoint.Readiness is Readiness.Ready);
        return ready.Count == 0 ? near.FindAll(endpoint => endpoint.Readiness is Readiness.Terminating)
            : isLocal ? ready
            : Hinted(ready, place.Node, static endpoint => endpoint.ForNodes)
                ?? Hinted(ready, place.Zone, static endpoint => endpoint.ForZones)
                ?? ready;
    }

    // One endpoint without hints, and none of them holds: the controller is about to give them, or to take them back.
    private static List<SliceEndpoint>? Hinted(List<SliceEndpoint> ready, string? here, Func<SliceEndpoint, string[]> hints)
    {
        if (here is null || ready.Exists(endpoint => hints(endpoint).Length == 0))
        {
            return null;
        }

        List<SliceEndpoint> near = ready.FindAll(endpoint => hints(endpoint).Contains(here));
        return near.Count == 0 ? null : near;
    }
}
