namespace Mesh.Client.Routing.Filters;

/// <summary>Whether a body could be copied for a mirror, and why not.</summary>
internal enum MirrorResult
{
    /// <summary>The copy is whole.</summary>
    Ready,

    /// <summary>The body is longer than may be copied.</summary>
    TooLong,

    /// <summary>The call itself ended before its body was sent whole.</summary>
    NotSent,

    /// <summary>The content could not be read.</summary>
    Unreadable,
}
