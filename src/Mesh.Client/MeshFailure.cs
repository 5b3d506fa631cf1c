namespace Mesh.Client;

/// <summary>Why the mesh could not carry out a call.</summary>
public enum MeshFailure
{
    /// <summary>No source knows the service, or the control plane refuses its name.</summary>
    UnknownService,

    /// <summary>No source has answered yet and none could be reached.</summary>
    DiscoveryUnavailable,

    /// <summary>The service has no endpoint, or none became available in time.</summary>
    NoEndpoint,

    /// <summary>The connection broke after the request was sent, and it could not be tried again.</summary>
    Transport,

    /// <summary>More calls wait for this service than may.</summary>
    WaitingLimit,

    /// <summary>A retry made above the mesh (gRPC's own policy) is not covered by the service's retry budget.</summary>
    RetryBudget,

    /// <summary>The application is stopping, and the mesh with it.</summary>
    Stopping,

    /// <summary>An https:// call whose endpoints can only be reached without TLS.</summary>
    NotSecured,

    /// <summary>The service's endpoints demand mutual TLS, and this process has no valid certificate of its own.</summary>
    NoCredential,

    /// <summary>The service has routes, and none of them is for this request.</summary>
    NoRoute,

    /// <summary>One of the service's own limits (<see cref="MeshServiceOptions.Limits"/>), which the message names, is reached.</summary>
    Limit,

    /// <summary>
    /// A timeout of the route or of the service ran out, or the deadline that the call came with; the message says which. Also thrown by
    /// reads of the response's body.
    /// </summary>
    Timeout,

    /// <summary>A policy of the control plane refuses the call; the message says which and why. For gRPC PermissionDenied.</summary>
    Forbidden,

    /// <summary>The request demands an identity (<c>l5d-require-id</c>) that none of the service's endpoints has.</summary>
    Identity,
}
