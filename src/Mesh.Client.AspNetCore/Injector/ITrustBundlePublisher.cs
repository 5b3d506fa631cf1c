namespace Mesh.Client.AspNetCore.Injector;

/// <summary>
/// Brings the anchors to where pods can mount them: a ConfigMap can be mounted from the pod's own namespace only. Absent where the
/// anchors are brought there by others.
/// </summary>
internal interface ITrustBundlePublisher
{
    /// <summary>From now on the namespace has them. Returns at once, throws nothing, and may be called again at any time.</summary>
    void Publish(string namespaceName);
}
