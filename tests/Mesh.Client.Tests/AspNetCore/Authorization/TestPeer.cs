using Mesh.Client.AspNetCore;

namespace Mesh.Client.Tests.AspNetCore.Authorization;

/// <summary>A peer whose certificate carries these names; none is a peer without certificate.</summary>
internal sealed class TestPeer(params string[] names) : IMeshPeerFeature
{
    public string? Identity => names.Length == 0 ? null : names[0];

    public IReadOnlyList<string> Identities => names;

    public bool IsTls => names.Length > 0;
}
