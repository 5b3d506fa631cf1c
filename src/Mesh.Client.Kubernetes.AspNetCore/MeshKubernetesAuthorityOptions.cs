using Mesh.Client.Identity;

namespace Mesh.Client.Kubernetes.AspNetCore;

/// <summary>
/// The embedded authority in a Kubernetes cluster; the section <c>Mesh:Authority:Kubernetes</c>. Its issuer is in a Secret, and the API
/// server says who bears a token. Read once, at the start.
/// </summary>
public sealed class MeshKubernetesAuthorityOptions
{
    /// <summary>
    /// Whether it is used. Default true; false leaves <c>AddKubernetesAuthority</c> in place and does without, as on a developer's machine.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The control plane's namespace, where the Secret is. Default null: <c>Mesh:Namespace</c>, which in a pod is its own.
    /// </summary>
    public string? Namespace { get; set; }

    /// <summary>
    /// Whom a token must be made for: the audience of the workloads' projected tokens. One that may be shown to others, too, is refused.
    /// Default <c>mesh.client</c>.
    /// </summary>
    public string Audience { get; set; } = "mesh.client";

    /// <summary>
    /// The name of a service account's workloads, which begins with <c>{serviceaccount}.{namespace}.</c>. Default
    /// <c>{serviceaccount}.{namespace}.serviceaccount.identity.mesh.cluster.local</c>.
    /// </summary>
    public string IdentityTemplate { get; set; } = ServiceAccountIdentity.DefaultTemplate;

    /// <summary>
    /// The Secret that holds the issuer as cert-manager writes it: <c>tls.crt</c> (the issuer, then its intermediates), <c>tls.key</c> and
    /// <c>ca.crt</c> (the anchors). One that is replaced is taken over at once. Default <c>mesh-issuer</c>.
    /// </summary>
    public string IssuerSecret { get; set; } = "mesh-issuer";

    /// <summary>
    /// Whether the Secret is made where there is none. What was made so is marked, and is replaced at half of its life; what is not marked
    /// is only read. Default true; false where cert-manager or a person makes it.
    /// </summary>
    public bool MakeIssuer { get; set; } = true;

    /// <summary>
    /// The ConfigMap, one in each namespace, that has the anchors in its key <c>ca.crt</c>. Default <c>mesh-trust-bundle</c>.
    /// </summary>
    public string TrustBundle { get; set; } = "mesh-trust-bundle";

    /// <summary>
    /// How long an anchor is trusted still after the issuer has got another: what was signed below it ends by then. At least
    /// <c>Mesh:Authority:LeafLifetime</c>, <see cref="AnchorLead"/> and 20 s together. Default 48 h.
    /// </summary>
    public TimeSpan AnchorOverlap { get; set; } = TimeSpan.FromHours(48);

    /// <summary>
    /// How long a new anchor is published before anything is signed below it, as long as the last issuer can still sign, here or in
    /// another replica: so long it takes until pods see a changed ConfigMap. Default 3 min; 0 waits for nothing.
    /// </summary>
    public TimeSpan AnchorLead { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>
    /// The MutatingWebhookConfiguration whose webhooks are told the anchors as their <c>caBundle</c>. Empty: none. Left
    /// alone where somebody else serves its certificate: <c>Mesh:Injector:CertificateFile</c> is set, it has an annotation
    /// <c>cert-manager.io/inject-…</c>, or its service is of another namespace. Default <c>mesh-injector</c>, which need not be there.
    /// </summary>
    public string InjectorWebhook { get; set; } = "mesh-injector";

    /// <summary>How many tokens are shown to the API server at once; more wait. 1 to 1000. Default 32.</summary>
    public int MaxTokenReviews { get; set; } = 32;

    /// <summary>
    /// How long the judgement of a token may take, the wait for others included, above zero. Then the workload is told to come again.
    /// Default 5 s.
    /// </summary>
    public TimeSpan TokenReviewTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in error messages begin.</summary>
    internal string SectionPath { get; set; } = "Mesh:Authority:Kubernetes";
}
