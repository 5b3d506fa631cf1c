using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>What of an object's metadata is kept: not what only those read who write objects.</summary>
internal static class KeptMetadata
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static void Shorten(V1ObjectMeta? metadata)
    {
        if (metadata is not null)
        {
            metadata.ManagedFields = null;
            metadata.OwnerReferences = null;
            metadata.Finalizers = null;
            metadata.Annotations?.Remove(LastApplied);
        }
    }
}
