namespace Mesh.Client;

/// <summary>
/// Who this process is and whom it believes. Read at the start: changing it needs a restart, while what the files and sources hold may
/// change at any time.
/// </summary>
public sealed class MeshIdentityOptions
{
    private MeshIdentitySource _source;

    /// <summary>
    /// Where certificate, key and anchors come from. Default <see cref="MeshIdentitySource.None"/>, a mesh without TLS; with
    /// <see cref="MeshClientOptions.Linkerd"/> enabled <see cref="MeshIdentitySource.Linkerd"/>, unless None is what is set.
    /// </summary>
    public MeshIdentitySource Source
    {
        get => _source;
        set
        {
            _source = value;
            IsSourceSaid = true;
        }
    }

    /// <summary>Whether anybody set the source, to whatever it is.</summary>
    internal bool IsSourceSaid { get; private set; }

    /// <summary>Whether anything may be spoken in plaintext. Default <see cref="MeshIdentityMode.Permissive"/>.</summary>
    public MeshIdentityMode Mode { get; set; } = MeshIdentityMode.Permissive;

    /// <summary>
    /// PEM: the certificate, then its intermediates. Its content is watched. Required for <see cref="MeshIdentitySource.Files"/>, unused
    /// by the others.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>
    /// PEM: the certificate's key, PKCS#8, SEC 1 or PKCS#1, without password. Only for <see cref="MeshIdentitySource.Files"/>; default:
    /// <see cref="CertificateFile"/>, which then holds both.
    /// </summary>
    public string? PrivateKeyFile { get; set; }

    /// <summary>
    /// The anchors: a PEM file, or a directory of <c>.pem</c> and <c>.crt</c> files. Its content is watched. Required for
    /// <see cref="MeshIdentitySource.Files"/> and <see cref="MeshIdentitySource.ControlPlane"/>; a SPIFFE agent brings its own; with
    /// <see cref="MeshIdentitySource.Linkerd"/> the default is <c>/var/run/linkerd/trust-roots/ca-bundle.crt</c>.
    /// </summary>
    public string? TrustBundle { get; set; }

    /// <summary>
    /// Holds the token that shows a control plane who this process is; read anew for each certificate. Required for
    /// <see cref="MeshIdentitySource.ControlPlane"/>; with <see cref="MeshIdentitySource.Linkerd"/> the default is
    /// <c>/var/run/secrets/tokens/linkerd-identity-token</c>; unused by the others.
    /// </summary>
    public string? TokenFile { get; set; }

    /// <summary>
    /// The identity. Required for <see cref="MeshIdentitySource.ControlPlane"/>, a DNS name such as
    /// <c>catalog.shop.serviceaccount.identity.linkerd.cluster.local</c>; for <see cref="MeshIdentitySource.Spiffe"/> the SPIFFE ID to take
    /// where the agent gives several, default its first. With <see cref="MeshIdentitySource.Files"/> the certificate says it, with
    /// <see cref="MeshIdentitySource.Linkerd"/> it is made of service account and namespace.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// The agent's socket, such as <c>unix:///run/spire/agent.sock</c>. Only for <see cref="MeshIdentitySource.Spiffe"/>; default: the
    /// environment variable <c>SPIFFE_ENDPOINT_SOCKET</c>.
    /// </summary>
    public string? Socket { get; set; }
}
