namespace Mesh.Client.AspNetCore;

/// <summary>What became of a token.</summary>
public enum TokenStatus
{
    /// <summary>It authenticates its bearer.</summary>
    Accepted,

    /// <summary>It authenticates nobody: the caller gets FAILED_PRECONDITION.</summary>
    NotAuthenticated,

    /// <summary>It is no token: the caller gets INVALID_ARGUMENT.</summary>
    Invalid,

    /// <summary>Nobody can say now: the caller gets UNAVAILABLE, and comes again.</summary>
    Unavailable,
}
