using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>What a pod or a Service says of itself to mesh clients.</summary>
internal static class MeshAnnotations
{
    /// <summary>
    /// Whom to expect there: a DNS name or a URI, in which <c>{serviceaccount}</c> and <c>{namespace}</c> are the pod's own.
    /// </summary>
    public const string Identity = "mesh.client/identity";

    /// <summary>How it is spoken to: one of <see cref="Framing"/>.</summary>
    public const string FramingName = "mesh.client/framing";

    public const string OpaquePorts = "config.linkerd.io/opaque-ports";
    public const string SkippedPorts = "config.linkerd.io/skip-inbound-ports";

    /// <summary>The same where an empty one says something too: that it was meant, and is not there.</summary>
    public static string? Word(this V1ObjectMeta? metadata, string name) =>
        metadata?.Annotations is { } annotations && annotations.TryGetValue(name, out string? value) ? value.Trim() : null;

    public static string? Annotation(this V1ObjectMeta? metadata, string name) =>
        metadata?.Annotations is { } annotations && annotations.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;
}
