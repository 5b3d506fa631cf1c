namespace Mesh.Client.Model;

/// <summary>Which limit refused a call.</summary>
internal enum LimitKind
{
    MaxRequests,
    MaxWaiting,
    Rate,
    Adaptive,
    MaxRequestsPerEndpoint,
}
