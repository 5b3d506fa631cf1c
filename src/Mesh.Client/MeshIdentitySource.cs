namespace Mesh.Client;

/// <summary>Where a process's certificate and anchors come from.</summary>
public enum MeshIdentitySource
{
    /// <summary>Nowhere: identities that discovery tells are not used, and connections are plaintext.</summary>
    None,

    /// <summary>PEM files that somebody else rotates.</summary>
    Files,

    /// <summary>A control plane that signs certificates (<c>io.linkerd.proxy.identity.Identity/Certify</c>).</summary>
    ControlPlane,

    /// <summary>A SPIFFE Workload API on this machine.</summary>
    Spiffe,

    /// <summary>The Linkerd control plane of <see cref="MeshClientOptions.Linkerd"/>, which chooses this itself where nothing else is.</summary>
    Linkerd,
}
