namespace Mesh.Client.Kubernetes.Api;

/// <summary>What an unsuccessful request means to whoever made it.</summary>
internal enum ApiFailure
{
    /// <summary>Nobody answered, or not to the end.</summary>
    Unreachable,

    /// <summary>401: the credential is not accepted.</summary>
    Unauthenticated,

    /// <summary>403: RBAC does not allow it.</summary>
    Denied,

    /// <summary>404: there is no such kind; of what is written, no such object or namespace.</summary>
    NotServed,

    /// <summary>409: it is there already, or somebody has changed it.</summary>
    Conflict,

    /// <summary>The namespace is being terminated, and takes nothing new.</summary>
    Ending,

    /// <summary>410, or a version that the server does not have: the list is to be read anew.</summary>
    Gone,

    /// <summary>400 and 422: it does not take such a request.</summary>
    Invalid,

    /// <summary>429, and 503 with a time to wait.</summary>
    Busy,

    /// <summary>Any other answer.</summary>
    Failed,
}
