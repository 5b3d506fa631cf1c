using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// How a Service's endpoints are spoken to: as Linkerd's proxy before the pod is spoken to, as the pod's annotations say, as the Service's
/// annotations say, as its port's <c>appProtocol</c> says; the first that says something. A pod may say it in another way than its Service,
/// and never that it goes in the clear where anybody else says whom to expect.
/// </summary>
/// <param name="view">What is known of the Service.</param>
/// <param name="service">The Service.</param>
/// <param name="problems">Told what cannot be used.</param>
internal sealed class EndpointTransports(ServiceView view, V1Service service, Action<string> problems)
{
    private static readonly EndpointTransport Elsewhere = Nobody("is a pod of another namespace than its slice");
    private static readonly EndpointTransport Awaited = Nobody("is a pod that is not known yet");

    private readonly Dictionary<string, (EndpointTransport Transport, string? Problem)> _ofService = new(StringComparer.Ordinal);
    private readonly bool _isOpaque = service.Metadata.Annotation(MeshAnnotations.OpaquePorts) is { } ports
        && PortRanges.Contains(ports, view.Service.Port);

    private EndpointTransport? _denied;

    public EndpointTransport Of(SliceEndpoint endpoint)
    {
        if (view.Pods is not { } pods || endpoint.Pod is not { } name)
        {
            return OfService(endpoint.AppProtocol, null);
        }

        if (endpoint.PodElsewhere is { } elsewhere)
        {
            Report(
                view.Target.ToString(),
                $"{endpoint.Endpoint.Address.Text} is the pod {elsewhere}/{name} of another namespace, and is not called");
            return Elsewhere;
        }

        // Its slice came before it. Until it is here too nobody knows whom to expect.
        return pods.TryGetValue(name, out V1Pod? pod) ? OfPod(endpoint, pod)
            : view.ArePodsDenied ? _denied ??= Nobody(
                "is a pod whose identity is not known, since the verb 'list' or 'watch' on pods in namespace "
                + $"{view.Target.Namespace} is missing")
            : Awaited;
    }

    /// <summary>Where no pod says otherwise.</summary>
    private EndpointTransport OfService(string? appProtocol, V1Pod? pod)
    {
        if (pod is not null || !_ofService.TryGetValue(appProtocol ?? "", out (EndpointTransport Transport, string? Problem) read))
        {
            bool isHttps = AppProtocols.IsHttps(appProtocol);
            EndpointTransport transport = DeclaredTransport.OfService(service.Metadata, pod, isHttps, out string? problem)
                ?? (isHttps ? Https(view.Service.Host) : EndpointTransport.Plaintext);
            read = (transport, problem);
            if (pod is null)
            {
                _ofService[appProtocol ?? ""] = read;
            }
        }

        Report(view.Target.ToString(), read.Problem);
        return read.Transport;
    }

    private static EndpointTransport Nobody(string doubt) => new(Framing.MeshTls) { Doubt = doubt };

    /// <summary>An HTTPS server that is known by its name alone.</summary>
    public static EndpointTransport Https(string host) => new(Framing.Https)
    {
        Peer = WorkloadIdentity.ParseDns(host) is { } name ? PeerIdentity.Of(name) : null,
        TlsOnly = true,
    };

    private EndpointTransport OfPod(SliceEndpoint endpoint, V1Pod pod)
    {
        // A proxy hands TLS on as it is, so that an HTTPS server is spoken to past it.
        bool isHttps = AppProtocols.IsHttps(endpoint.AppProtocol);
        EndpointTransport? linkerd = !isHttps && view.Linkerd is { } mesh
            ? LinkerdPod.Transport(pod, endpoint.Endpoint.Address.Port, _isOpaque, mesh)
            : null;
        EndpointTransport? own = DeclaredTransport.OfPod(pod, isHttps, out string? problem);
        if (own is null)
        {
            return linkerd ?? OfService(endpoint.AppProtocol, pod);
        }

        if (own is { IsSecured: false } && (linkerd ?? OfService(endpoint.AppProtocol, pod)).IsSecured)
        {
            own = DeclaredTransport.Refuse(
                Framing.MeshTls,
                $"{MeshAnnotations.FramingName}: a pod goes in the clear only where neither Linkerd's label nor its Service says "
                + "an identity",
                out problem);
        }
        else if (linkerd is not null)
        {
            own = linkerd;
            problem ??= $"{MeshAnnotations.Identity}: it has no effect, since Linkerd's label says whom to expect";
        }

        Report($"Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", problem);
        return own;
    }

    private void Report(string who, string? problem)
    {
        if (problem is not null)
        {
            problems($"{who}: {problem}");
        }
    }
}
