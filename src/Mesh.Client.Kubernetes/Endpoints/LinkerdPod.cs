using System.Globalization;
using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>How a pod with Linkerd's proxy is spoken to: what Linkerd's Destination controller makes of it.</summary>
internal static class LinkerdPod
{
    /// <summary>Its container, and the variable that says where it listens: <c>[::]:4143</c>.</summary>
    public const string Proxy = "linkerd-proxy";
    public const string ListenAddress = "LINKERD2_PROXY_INBOUND_LISTEN_ADDR";

    private const int ControlPort = 4190;
    private const int AdminPort = 4191;

    /// <summary>Null: none of this mesh's proxies stands before the port.</summary>
    public static EndpointTransport? Transport(V1Pod pod, int port, bool isOpaque, LinkerdMesh mesh)
    {
        if (pod.Metadata?.Labels is not { } labels
            || !labels.TryGetValue(LinkerdMesh.Label, out string? owner) || owner != mesh.ControlPlaneNamespace
            || port is ControlPort or AdminPort
            || (pod.Metadata.Annotation(MeshAnnotations.SkippedPorts) is { } skipped && PortRanges.Contains(skipped, port)))
        {
            return null;
        }

        string name = mesh.Identity(IdentityTemplate.AccountOf(pod), pod.Metadata.NamespaceProperty);
        isOpaque |= PortRanges.Contains(pod.Metadata.Annotation(MeshAnnotations.OpaquePorts) ?? PortRanges.Opaque, port);
        return new EndpointTransport(isOpaque ? Framing.TransportHeader : Framing.MeshTls)
        {
            Peer = WorkloadIdentity.TryParse(name, out WorkloadIdentity? identity) ? PeerIdentity.Of(identity) : null,
            InboundPort = InboundPort(pod),
            Opaque = isOpaque,
            UpgradesHttp1 = !isOpaque,
        };
    }

    /// <summary>Where its proxy takes what is meant for any of its ports.</summary>
    public static int InboundPort(V1Pod pod)
    {
        foreach (V1Container container in Containers(pod))
        {
            if (container.Name == Proxy
                && container.Env?.FirstOrDefault(variable => variable.Name == ListenAddress)?.Value is { } address
                && int.TryParse(
                    address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
                && port is >= 1 and <= 65535)
            {
                return port;
            }
        }

        return EndpointTransport.DefaultInboundPort;
    }

    // A native sidecar is among those that start first.
    private static IEnumerable<V1Container> Containers(V1Pod pod) =>
        [.. pod.Spec?.Containers ?? [], .. pod.Spec?.InitContainers ?? []];
}
