using k8s;

namespace Mesh.Client.Kubernetes;

/// <summary>
/// Kubernetes as a source; the section <c>Mesh:Kubernetes</c>. Read at the start: changing it needs a restart.
/// </summary>
/// <remarks>
/// The process needs the verbs list and watch, and no other, on <c>services</c>, <c>endpointslices.discovery.k8s.io</c> and, where it has
/// an identity, <c>pods</c>, in the namespaces of the services that it calls and of those that routes send its calls to; where the Gateway
/// API is installed, on <c>httproutes</c> and <c>grpcroutes</c> of <c>gateway.networking.k8s.io</c> there and in its own, and where
/// <see cref="RequireReferenceGrants"/> is set on <c>referencegrants</c>; for names below <c>svc.clusterset.local</c> on
/// <c>serviceimports.multicluster.x-k8s.io</c>.
/// </remarks>
public sealed class MeshKubernetesOptions
{
    /// <summary>Whether Kubernetes is asked. Default true; false leaves <c>AddKubernetes</c> in place and does without.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// A kubeconfig file. Default null: those of the environment variable <c>KUBECONFIG</c>; without it the pod's service account; outside
    /// a cluster <c>~/.kube/config</c>.
    /// </summary>
    public string? KubeConfig { get; set; }

    /// <summary>Which context of the kubeconfig holds. Default null: its current one. Of no use in a pod.</summary>
    public string? Context { get; set; }

    /// <summary>
    /// Server and credentials made in code; stands over <see cref="KubeConfig"/>, and is no key of the section. Default null.
    /// </summary>
    public KubernetesClientConfiguration? Configuration { get; set; }

    /// <summary>
    /// The node that this process runs on: what <c>internalTrafficPolicy: Local</c> and hints for nodes go by. Default: the environment
    /// variable <c>NODE_NAME</c> (<c>spec.nodeName</c> of the downward API); without it neither holds.
    /// </summary>
    public string? Node { get; set; }

    /// <summary>
    /// The zone that this process runs in: what hints for zones go by. Default: the environment variable <c>NODE_ZONE</c>; without it
    /// they do not hold.
    /// </summary>
    public string? Zone { get; set; }

    /// <summary>
    /// Which addresses of a dual-stack Service are called while it has such. Default null: those of the one family that this host has
    /// addresses of; where it has both, those of the first of the Service's <c>ipFamilies</c>.
    /// </summary>
    public MeshIPFamily? IPFamily { get; set; }

    /// <summary>
    /// Whether pods are watched, for the identities that Linkerd's labels and <c>mesh.client/identity</c> give them. Default true; without
    /// an identity of this process they never are. While they may not be read (RBAC), endpoints that are pods are not called. False goes
    /// without: only Services say identities, and in mode Permissive all other endpoints are called in the clear, Linkerd's pods too.
    /// </summary>
    public bool Pods { get; set; } = true;

    /// <summary>
    /// Whether a route needs a ReferenceGrant for each Service of another namespace but its own parent. Default false, as the Gateway API
    /// has it for meshes: a route exposes nothing there that could not be called without it.
    /// </summary>
    public bool RequireReferenceGrants { get; set; }

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in error messages begin.</summary>
    internal string SectionPath { get; set; } = "Mesh:Kubernetes";

    /// <summary>What is used to reach the API server; null: nothing could be found, or read.</summary>
    internal KubernetesClientConfiguration? Access { get; set; }

    /// <summary>The file that its authorities are of; null: there is none.</summary>
    internal string? Authorities { get; set; }

    /// <summary>Why not, with the path of what says otherwise.</summary>
    internal string? AccessProblem { get; set; }
}
