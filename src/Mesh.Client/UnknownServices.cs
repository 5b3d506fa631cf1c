namespace Mesh.Client;

/// <summary>What happens to a call for a name that no source knows.</summary>
public enum UnknownServices
{
    /// <summary>The call fails and says which sources were asked.</summary>
    Fail,

    /// <summary>The call goes out as it would without the mesh.</summary>
    PassThrough,
}
