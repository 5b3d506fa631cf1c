using Mesh.Client.Identity;

namespace Mesh.Client.AspNetCore;

/// <summary>
/// What the injector of the control plane adds to pods, and how it is served; the section <c>Mesh:Injector</c>. Read once, at the start.
/// Nothing of it matters where <c>MapMeshInjector</c> is not called.
/// </summary>
public sealed class MeshInjectorOptions
{
    /// <summary>
    /// Where pods find the control plane: what they get as <c>Mesh:ControlPlane:Address</c>, an absolute http or https address. Default
    /// <c>http://mesh-control-plane.mesh.svc:8086</c>.
    /// </summary>
    public Uri ControlPlaneAddress { get; set; } = new("http://mesh-control-plane.mesh.svc:8086");

    /// <summary>
    /// Whom they expect there: <c>Mesh:ControlPlane:Identity</c>. Default: this process's own <c>Mesh:Identity:Name</c>; where it has none,
    /// the identity of the service account <c>mesh-control-plane</c> in namespace <c>mesh</c> by <see cref="IdentityTemplate"/>.
    /// </summary>
    public string? ControlPlaneIdentity { get; set; }

    /// <summary>
    /// How a pod's identity is made of <c>{serviceaccount}</c> and <c>{namespace}</c>, with which it begins. Default: the
    /// authority's, which no other is accepted beside; where it has none,
    /// <c>{serviceaccount}.{namespace}.serviceaccount.identity.mesh.cluster.local</c>.
    /// </summary>
    public string IdentityTemplate { get; set; } = ServiceAccountIdentity.DefaultTemplate;

    /// <summary>
    /// What pods get as <c>Mesh:Identity:Mode</c>. Default null: they get none, and what the application says holds.
    /// </summary>
    public MeshIdentityMode? IdentityMode { get; set; }

    /// <summary>
    /// For whom the pods' tokens are good. Default: whom the authority expects, which no other is accepted beside; where it does not say,
    /// <c>mesh.client</c>.
    /// </summary>
    public string TokenAudience { get; set; } = "mesh.client";

    /// <summary>
    /// How long a token lives, whole seconds from 10 minutes to 30 days; kubelet replaces it after four fifths of that. Default 1 h.
    /// </summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The directory of the file <c>token</c> in a container. Default <c>/var/run/secrets/mesh.client</c>.</summary>
    public string TokenMountPath { get; set; } = "/var/run/secrets/mesh.client";

    /// <summary>
    /// The ConfigMap in the pod's own namespace whose key <c>ca.crt</c> holds the anchors. A pod does not start before it is there.
    /// Default: the one that the authority writes, which no other is accepted beside; where it writes none, <c>mesh-trust-bundle</c>.
    /// </summary>
    public string TrustBundleConfigMap { get; set; } = "mesh-trust-bundle";

    /// <summary>
    /// The directory of the file <c>ca.crt</c> in a container; not in that of the token, nor around it. Default
    /// <c>/var/run/mesh.client/trust-bundle</c>.
    /// </summary>
    public string TrustBundleMountPath { get; set; } = "/var/run/mesh.client/trust-bundle";

    /// <summary>
    /// Whether a pod that comes here and does not say <c>mesh.client/inject</c> itself gets anything. Which pods come is the webhook
    /// configuration's to say, by the namespace's label: it sees no other. Default true.
    /// </summary>
    public bool InjectByDefault { get; set; } = true;

    /// <summary>
    /// The DNS name by which the API server calls, for which the authority signs the serving certificate. Default
    /// <c>mesh-injector.mesh.svc</c>.
    /// </summary>
    public string ServerName { get; set; } = "mesh-injector.mesh.svc";

    /// <summary>
    /// PEM: a serving certificate that somebody else renews, as cert-manager does, then its intermediates. Its content is watched. Default
    /// null: the authority of this process signs one.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM: its key. Default: <see cref="CertificateFile"/>, which then holds both.</summary>
    public string? PrivateKeyFile { get; set; }

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in error messages begin.</summary>
    internal string SectionPath { get; set; } = "Mesh:Injector";
}
