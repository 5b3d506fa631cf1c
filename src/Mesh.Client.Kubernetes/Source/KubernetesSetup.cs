using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Kubernetes.Endpoints;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>Who asks, and for what: options, seen as what is used of them.</summary>
internal sealed record KubernetesSetup
{
    /// <summary>What the names of Services end with, after <c>svc</c>.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>The caller's: whose consumer routes count.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Where this process is.</summary>
    public ClientPlace Place { get; init; } = new();

    /// <summary>The only family that this host has addresses of; null: both, or not known. Where nobody says which to prefer, it.</summary>
    public MeshIPFamily? HostFamily { get; init; }

    /// <summary>Whether pods are read for their identities.</summary>
    public bool ReadsPods { get; init; }

    /// <summary>Whether routes need a ReferenceGrant for Services of other namespaces.</summary>
    public bool RequiresGrants { get; init; }

    /// <summary>What a balancing policy may be named.</summary>
    public PolicyNames Policies { get; init; } = PolicyNames.None;

    /// <summary>Null: no pod is Linkerd's.</summary>
    public LinkerdMesh? Linkerd { get; init; }
}
