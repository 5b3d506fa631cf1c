namespace Mesh.Client.Kubernetes.Watching;

/// <summary>What is known of a watched list.</summary>
internal enum ResourceStatus
{
    /// <summary>Nothing yet.</summary>
    Unknown,

    /// <summary>All of it. It stays so while the API server is out of reach: the last state stands.</summary>
    Known,

    /// <summary>
    /// The API server does not serve the kind: its CustomResourceDefinition is not installed. Asked again from time to time.
    /// </summary>
    NotServed,

    /// <summary>RBAC does not let this process list or watch it. Asked again from time to time.</summary>
    Denied,
}
