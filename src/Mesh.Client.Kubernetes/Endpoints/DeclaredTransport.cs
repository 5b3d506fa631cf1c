using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>How an endpoint is spoken to by the word of <c>mesh.client/identity</c> and <c>mesh.client/framing</c>.</summary>
internal static class DeclaredTransport
{
    /// <summary>Null: nothing is said there.</summary>
    /// <param name="said">Of the Service.</param>
    /// <param name="pod">Whose service account and namespace the placeholders mean; null: not known.</param>
    /// <param name="isHttps">The port is that of an HTTPS server.</param>
    /// <param name="problem">Why what is said cannot be used: it stays a demand for TLS that nothing fulfils.</param>
    public static EndpointTransport? OfService(V1ObjectMeta? said, V1Pod? pod, bool isHttps, out string? problem) =>
        Read(said, said?.NamespaceProperty, pod, isHttps, isOfPod: false, out problem);

    /// <summary>
    /// The same of a pod's own annotations. Whoever may write those must not decide whom callers expect: the name has to follow from the
    /// pod's service account and namespace.
    /// </summary>
    public static EndpointTransport? OfPod(V1Pod pod, bool isHttps, out string? problem) =>
        Read(pod.Metadata, pod.Metadata?.NamespaceProperty, pod, isHttps, isOfPod: true, out problem);

    /// <summary>A demand for TLS that nothing fulfils.</summary>
    public static EndpointTransport Refuse(Framing framing, string why, out string? problem)
    {
        problem = why;
        return new EndpointTransport(framing);
    }

    private static EndpointTransport? Read(
        V1ObjectMeta? said, string? ns, V1Pod? pod, bool isHttps, bool isOfPod, out string? problem)
    {
        problem = null;
        string? text = said.Word(MeshAnnotations.Identity);
        Framing? framing = ReadFraming(said.Word(MeshAnnotations.FramingName), ref problem);
        if (text is null)
        {
            return framing switch
            {
                null when problem is null => null,
                null => new EndpointTransport(Framing.MeshTls),
                Framing.Plaintext => EndpointTransport.Plaintext,
                { } secured => Refuse(
                    secured, $"{MeshAnnotations.FramingName}: {secured} needs {MeshAnnotations.Identity}", out problem),
            };
        }

        if (framing is Framing.Plaintext)
        {
            return Refuse(
                Framing.MeshTls, $"{MeshAnnotations.FramingName}: Plaintext goes with no {MeshAnnotations.Identity}", out problem);
        }

        Framing chosen = framing ?? (isHttps ? Framing.Https : Framing.MeshTls);
        if (isOfPod && !IdentityTemplate.FollowsFromPod(text))
        {
            return Refuse(
                chosen,
                $"{MeshAnnotations.Identity}: '{text}' of a pod needs both {{serviceaccount}} and {{namespace}} as parts of their own; "
                + "a fixed name is for the Service to say",
                out problem);
        }

        if (IdentityTemplate.Fill(text, ns, pod) is not { } name)
        {
            return Refuse(chosen, $"{MeshAnnotations.Identity}: '{text}' needs the pod's service account, which is not known", out problem);
        }

        if (!WorkloadIdentity.TryParse(name, out WorkloadIdentity? identity))
        {
            return Refuse(chosen, $"{MeshAnnotations.Identity}: '{name}' is neither a DNS name nor an absolute URI", out problem);
        }

        return new EndpointTransport(chosen)
        {
            Peer = PeerIdentity.Of(identity),
            InboundPort = pod is null ? EndpointTransport.DefaultInboundPort : LinkerdPod.InboundPort(pod),
            TlsOnly = isHttps && chosen is Framing.Https,
        };
    }

    private static Framing? ReadFraming(string? text, ref string? problem)
    {
        if (text is null)
        {
            return null;
        }

        if (Enum.GetNames<Framing>().Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            return Enum.Parse<Framing>(text, ignoreCase: true);
        }

        problem = $"{MeshAnnotations.FramingName}: '{text}' is none of {string.Join(", ", Enum.GetNames<Framing>())}";
        return null;
    }
}
