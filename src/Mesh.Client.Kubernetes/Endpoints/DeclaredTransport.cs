using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>How an endpoint is spoken to by the word of <c>mesh.client/identity</c> and <c>mesh.client/framing</c>.</summary>
internal static class DeclaredTransport
{
    private const string ServiceAccount = "{serviceaccount}";
    private const string Namespace = "{namespace}";

    /// <summary>Null: nothing is said there.</summary>
    /// <param name="said">Of the pod or the Service.</param>
    /// <param name="pod">Whose service account and namespace the placeholders mean; null: not known.</param>
    /// <param name="isHttps">The port is that of an HTTPS server.</param>
    /// <param name="problem">
    /// Why what is said cannot be used. An identity that cannot be read stays a demand for TLS that nothing fulfils.
    /// </param>
    public static EndpointTransport? Read(V1ObjectMeta? said, V1Pod? pod, bool isHttps, out string? problem)
    {
        problem = null;
        string? text = said.Annotation(MeshAnnotations.Identity);
        Framing? framing = ReadFraming(said, ref problem);
        if (text is null)
        {
            return framing switch
            {
                null => null,
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
        if (!TryFill(text, said!, pod, out string name))
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

    private static EndpointTransport Refuse(Framing framing, string why, out string? problem)
    {
        problem = why;
        return new EndpointTransport(framing);
    }

    private static Framing? ReadFraming(V1ObjectMeta? said, ref string? problem)
    {
        if (said.Annotation(MeshAnnotations.FramingName) is not { } text)
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

    private static bool TryFill(string text, V1ObjectMeta said, V1Pod? pod, out string name)
    {
        name = text.Replace(Namespace, pod?.Metadata?.NamespaceProperty ?? said.NamespaceProperty, StringComparison.OrdinalIgnoreCase);
        if (!name.Contains(ServiceAccount, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        string account = pod?.Spec?.ServiceAccountName is { Length: > 0 } given ? given : "default";
        name = name.Replace(ServiceAccount, account, StringComparison.OrdinalIgnoreCase);
        return pod is not null;
    }
}
