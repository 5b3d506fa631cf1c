namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>A feature of a request that a policy has refused for its peer.</summary>
internal sealed class MeshRefusal
{
    public static readonly MeshRefusal Instance = new();
}
