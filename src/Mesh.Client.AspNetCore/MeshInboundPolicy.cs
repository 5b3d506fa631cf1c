namespace Mesh.Client.AspNetCore;

/// <summary>Who may call where no <c>RequireMeshIdentity</c> says otherwise; Linkerd's default inbound policies.</summary>
public enum MeshInboundPolicy
{
    /// <summary><c>all-unauthenticated</c>: everybody.</summary>
    AllUnauthenticated,

    /// <summary><c>all-authenticated</c>: every peer with a verified identity.</summary>
    AllAuthenticated,

    /// <summary>
    /// <c>cluster-authenticated</c>: every peer with a verified identity of this cluster, that is of our own trust domain.
    /// </summary>
    ClusterAuthenticated,

    /// <summary><c>deny</c>: nobody.</summary>
    Deny,

    /// <summary><c>audit</c>: everybody; a call that <c>deny</c> would refuse is logged and counted.</summary>
    Audit,
}
