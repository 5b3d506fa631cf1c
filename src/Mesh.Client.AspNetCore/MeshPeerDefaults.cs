namespace Mesh.Client.AspNetCore;

/// <summary>Names of the peer's authentication.</summary>
public static class MeshPeerDefaults
{
    /// <summary>
    /// The authentication scheme whose principal is the connection's peer. It is the application's default only where it is the only one.
    /// </summary>
    public const string AuthenticationScheme = "Mesh";

    /// <summary>
    /// The type of a claim for each name that the peer's certificate carries. The principal's name is the first of them.
    /// </summary>
    public const string IdentityClaimType = "mesh_identity";
}
