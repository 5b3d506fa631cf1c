using Microsoft.AspNetCore.Authorization;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>The connection's peer, whoever the user is, has one of these names.</summary>
internal sealed class MeshIdentityRequirement(PeerNames names) : IAuthorizationRequirement
{
    public PeerNames Names { get; } = names;

    public override string ToString() => nameof(MeshIdentityRequirement);
}
