using Mesh.Client.Model.Routes;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary><c>timeout.linkerd.io/*</c> of a Service or a route. Zero switches a limit off.</summary>
internal static class TimeoutAnnotations
{
    public static TimeoutPolicy Read(ObjectAnnotations annotations)
    {
        var read = new TimeoutPolicy(
            annotations.Duration("timeout.linkerd.io/request"),
            Idle: annotations.Duration("timeout.linkerd.io/idle"),
            Response: annotations.Duration("timeout.linkerd.io/response"));
        return read == TimeoutPolicy.None ? TimeoutPolicy.None : read;
    }
}
