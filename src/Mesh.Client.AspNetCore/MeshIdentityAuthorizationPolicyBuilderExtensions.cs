using Mesh.Client.AspNetCore.Authorization;

namespace Microsoft.AspNetCore.Authorization;

/// <summary>Asks for a peer's identity in an authorization policy.</summary>
public static class MeshIdentityAuthorizationPolicyBuilderExtensions
{
    /// <summary>
    /// The connection's peer, whoever the user is, carries one of these names. The policy comes on top of
    /// <c>Mesh:Server:InboundPolicy</c>; only <c>RequireMeshIdentity</c> on the endpoint replaces that. A refusal is 403, in gRPC
    /// <c>PERMISSION_DENIED</c>. Without <c>AddMeshServer</c> the policy is never met.
    /// </summary>
    /// <param name="builder">The policy.</param>
    /// <param name="identities">
    /// As <c>RequireMeshIdentity</c> of endpoints takes them: names, <c>*.suffix</c>, <c>*</c>; none for every verified identity.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentException">A name is none of these.</exception>
    public static AuthorizationPolicyBuilder RequireMeshIdentity(this AuthorizationPolicyBuilder builder, params string[] identities)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(identities);
        return builder.AddRequirements(new MeshIdentityRequirement(PeerNames.Parse(identities)));
    }
}
