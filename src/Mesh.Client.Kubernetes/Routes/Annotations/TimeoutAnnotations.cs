using Mesh.Client.Model.Routes;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary><c>timeout.linkerd.io/*</c> of a Service or a route. Zero is no limit.</summary>
internal static class TimeoutAnnotations
{
    public static TimeoutPolicy Read(ObjectAnnotations annotations)
    {
        var read = new TimeoutPolicy(
            Limit(annotations, "timeout.linkerd.io/request"),
            Idle: Limit(annotations, "timeout.linkerd.io/idle"),
            Response: Limit(annotations, "timeout.linkerd.io/response"));
        return read == TimeoutPolicy.None ? TimeoutPolicy.None : read;
    }

    private static TimeSpan? Limit(ObjectAnnotations annotations, string name) =>
        annotations.Duration(name) is { } limit && limit > TimeSpan.Zero ? limit : null;
}
