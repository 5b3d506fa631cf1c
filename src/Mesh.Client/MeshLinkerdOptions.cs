namespace Mesh.Client;

/// <summary>
/// A Linkerd control plane, as its Helm chart installs it: endpoints, policies and profiles from it, and this process's identity where
/// <see cref="MeshIdentityOptions.Source"/> names no other. Read at the start: changing it needs a restart.
/// </summary>
/// <remarks>
/// The pod needs a projected service account token with the audience <c>identity.l5d.io</c> at
/// <c>/var/run/secrets/tokens/linkerd-identity-token</c> and the ConfigMap <c>linkerd-identity-trust-roots</c> mounted at
/// <c>/var/run/linkerd/trust-roots</c>, or <c>Mesh:Identity:TokenFile</c> and <c>:TrustBundle</c> saying otherwise; the environment
/// variables <c>POD_NAMESPACE</c>, <c>POD_NAME</c>, <c>NODE_NAME</c> and <c>POD_SERVICE_ACCOUNT</c> from the downward API; and
/// <c>linkerd.io/inject: disabled</c>: a sidecar would wrap what is already wrapped.
/// </remarks>
public sealed class MeshLinkerdOptions
{
    /// <summary>Whether it is asked. Default false; <c>AddLinkerd</c> sets it.</summary>
    public bool Enabled { get; set; }

    /// <summary>Where the control plane runs. One DNS label; default <c>linkerd</c>.</summary>
    public string ControlPlaneNamespace { get; set; } = "linkerd";

    /// <summary>What identities end with. Default null: <see cref="MeshClientOptions.ClusterDomain"/>, as Linkerd's own default.</summary>
    public string? TrustDomain { get; set; }

    /// <summary>
    /// Endpoints and profiles. Default: <c>linkerd-dst-headless</c> in <see cref="ControlPlaneNamespace"/>, port 8086, by its identity. An
    /// address of your own without an identity is asked without mutual TLS.
    /// </summary>
    public MeshControlPlaneOptions Destination { get; } = new();

    /// <summary>
    /// Policies. Default: <c>linkerd-policy</c> in <see cref="ControlPlaneNamespace"/>, port 8090, by its identity. An address of your own
    /// without an identity is asked without mutual TLS.
    /// </summary>
    public MeshControlPlaneOptions Policy { get; } = new();

    /// <summary>
    /// Certificates. Default: <c>linkerd-identity-headless</c> in <see cref="ControlPlaneNamespace"/>, port 8080, by its identity. Not asked
    /// where <see cref="MeshIdentityOptions.Source"/> names another source, nor, unless something is set here, where the addresses of
    /// both other services are your own and have no identity: a mesh without TLS.
    /// </summary>
    public MeshControlPlaneOptions Identity { get; } = new();

    /// <summary>
    /// The pod's service account, which its identity begins with. Default: the environment variable <c>POD_SERVICE_ACCOUNT</c>.
    /// </summary>
    public string? ServiceAccount { get; set; }

    /// <summary>The pod's name. Default: the environment variable <c>POD_NAME</c>, else the host's name.</summary>
    public string? Pod { get; set; }

    /// <summary>
    /// The node's name, by which Linkerd tells the zone of this process. Default: the environment variable <c>NODE_NAME</c>; without it
    /// endpoints are not preferred by zone.
    /// </summary>
    public string? Node { get; set; }

    /// <summary>
    /// Whether a client that asked for the mesh by itself is given it for addresses too, such as <c>http://10.1.2.3:8080</c>, as a Linkerd
    /// proxy gives it: a pod's address is called by its identity, a service's address is the service. Addresses of this machine
    /// pass through. Default true.
    /// </summary>
    public bool Addresses { get; set; } = true;

    /// <summary>
    /// Whether an HTTP/1.1 request to a meshed pod travels over HTTP/2 (<c>l5d-orig-proto</c>), as between Linkerd's proxies: one connection
    /// carries them all, and the pod's proxy makes HTTP/1.1 of it again. Requests that ask for an upgrade, such as WebSockets, do not.
    /// Default false: HTTP/1.1 is sent as it is.
    /// </summary>
    public bool UpgradeHttp1 { get; set; }
}
