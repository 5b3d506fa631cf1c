namespace Mesh.Client.Model;

/// <summary>What a source knows of a service.</summary>
internal enum EndpointSetStatus
{
    /// <summary>Nothing yet: the source has not answered.</summary>
    Unknown,

    /// <summary>A definite answer: the source has no such service. It goes on asking.</summary>
    NotFound,

    /// <summary>A definite answer: the source will never serve this name. It no longer asks.</summary>
    Refused,

    /// <summary>The service exists; it may have no endpoints.</summary>
    Known,
}
