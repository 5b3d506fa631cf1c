using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// How a Service's endpoints are spoken to: as the pod's annotations say, as Linkerd's proxy before it is spoken to, as the Service's
/// annotations say, as its port's <c>appProtocol</c> says; the first that says something.
/// </summary>
/// <param name="view">What is known of the Service.</param>
/// <param name="service">The Service.</param>
/// <param name="problems">Told what cannot be used.</param>
internal sealed class EndpointTransports(ServiceView view, V1Service service, ISet<string> problems)
{
    private static readonly EndpointTransport Nobody = new(Framing.MeshTls);

    private readonly Dictionary<string, EndpointTransport> _ofService = new(StringComparer.Ordinal);
    private readonly bool _isOpaque = service.Metadata.Annotation(MeshAnnotations.OpaquePorts) is { } ports
        && PortRanges.Contains(ports, view.Service.Port);

    public EndpointTransport Of(SliceEndpoint endpoint)
    {
        if (view.Pods is not { } pods || endpoint.Pod is not { } name)
        {
            return OfService(endpoint.AppProtocol, null);
        }

        // Its slice came before it. Until it is here too nobody knows whom to expect.
        return pods.TryGetValue(name, out V1Pod? pod) ? OfPod(endpoint, pod) : Nobody;
    }

    /// <summary>Where no pod says otherwise.</summary>
    public EndpointTransport OfService(string? appProtocol, V1Pod? pod)
    {
        if (pod is null && _ofService.TryGetValue(appProtocol ?? "", out EndpointTransport? known))
        {
            return known;
        }

        bool isHttps = AppProtocols.IsHttps(appProtocol);
        EndpointTransport transport = Declared(view.Target.ToString(), service.Metadata, pod, isHttps)
            ?? (isHttps ? Https(view.Service.Host) : EndpointTransport.Plaintext);
        if (pod is null)
        {
            _ofService[appProtocol ?? ""] = transport;
        }

        return transport;
    }

    /// <summary>An HTTPS server that is known by its name alone.</summary>
    public static EndpointTransport Https(string host) => new(Framing.Https)
    {
        Peer = WorkloadIdentity.ParseDns(host) is { } name ? PeerIdentity.Of(name) : null,
        TlsOnly = true,
    };

    // A proxy hands TLS on as it is, so that an HTTPS server is spoken to past it.
    private EndpointTransport OfPod(SliceEndpoint endpoint, V1Pod pod)
    {
        bool isHttps = AppProtocols.IsHttps(endpoint.AppProtocol);
        return Declared($"Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", pod.Metadata, pod, isHttps)
            ?? (!isHttps && view.Linkerd is { } mesh ? LinkerdPod.Transport(pod, endpoint.Endpoint.Address.Port, _isOpaque, mesh) : null)
            ?? OfService(endpoint.AppProtocol, pod);
    }

    private EndpointTransport? Declared(string who, V1ObjectMeta? said, V1Pod? pod, bool isHttps)
    {
        EndpointTransport? transport = DeclaredTransport.Read(said, pod, isHttps, out string? problem);
        if (problem is not null)
        {
            problems.Add($"{who}: {problem}");
        }

        return transport;
    }
}
