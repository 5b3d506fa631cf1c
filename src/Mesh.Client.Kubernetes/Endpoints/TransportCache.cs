using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// How one service's endpoints are spoken to, as it was read: of many, mostly few have changed. Not for use by several threads.
/// </summary>
internal sealed class TransportCache
{
    private static readonly V1Pod Missing = new();

    private Dictionary<SliceEndpoint, Entry> _known = new(ReferenceEqualityComparer.Instance);
    private V1Service? _service;
    private bool _wereDenied;

    /// <summary>The endpoints, complete; the same objects while nothing of them is new.</summary>
    /// <param name="chosen">Those that take calls.</param>
    /// <param name="view">What is known of the service; the same but for objects, slices and pods each time.</param>
    /// <param name="service">Whose annotations count.</param>
    /// <param name="problems">Told what cannot be used.</param>
    public IEnumerable<Endpoint> Read(List<SliceEndpoint> chosen, ServiceView view, V1Service service, ISet<string> problems)
    {
        Dictionary<SliceEndpoint, Entry> before = ReferenceEquals(_service, service) && _wereDenied == view.ArePodsDenied ? _known : [];
        var next = new Dictionary<SliceEndpoint, Entry>(chosen.Count, ReferenceEqualityComparer.Instance);
        var read = new List<string>();
        var transports = new EndpointTransports(view, service, read.Add);
        foreach (SliceEndpoint endpoint in chosen)
        {
            V1Pod? pod = view.Pods is { } pods && endpoint.Pod is { } name ? pods.GetValueOrDefault(name, Missing) : null;
            if (!before.TryGetValue(endpoint, out Entry? entry) || !ReferenceEquals(entry.Pod, pod))
            {
                entry = new Entry(pod, With(endpoint.Endpoint, transports.Of(endpoint)), [.. read]);
                read.Clear();
            }

            next[endpoint] = entry;
            problems.UnionWith(entry.Problems);
        }

        (_known, _service, _wereDenied) = (next, service, view.ArePodsDenied);
        return chosen.Select(endpoint => next[endpoint].Endpoint);
    }

    private static Endpoint With(Endpoint endpoint, EndpointTransport transport) =>
        transport == endpoint.Transport ? endpoint : endpoint with { Transport = transport };

    /// <param name="Pod">That it was read of; null: pods do not count.</param>
    /// <param name="Endpoint">As it is called.</param>
    /// <param name="Problems">What could not be used.</param>
    private sealed record Entry(V1Pod? Pod, Endpoint Endpoint, string[] Problems);
}
