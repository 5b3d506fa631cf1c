namespace Mesh.Client.Model;

/// <summary>Which limit refused a call. Each is named as its option in <see cref="MeshLimitOptions"/>.</summary>
internal enum LimitKind
{
    MaxRequests,
    MaxWaiting,
    Rate,
    Adaptive,
    MaxRequestsPerEndpoint,
    MaxConnectionsPerEndpoint,
}
