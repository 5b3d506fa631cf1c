namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Whether an endpoint takes calls. The more the better: of two entries for one endpoint the higher holds.</summary>
internal enum Readiness
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It is on its way out and still serves: it is called when no other is left.</summary>
    Terminating,

    Ready,
}
