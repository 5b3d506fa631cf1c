using k8s.Models;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.AspNetCore;

/// <summary>The kinds that a control plane reads and writes, and how what it made is known again.</summary>
internal static class ClusterObjects
{
    /// <summary>The field manager, and the value of <see cref="MadeBy"/>.</summary>
    public const string Manager = "mesh-control-plane";

    /// <summary>The annotation of what the control plane made: nothing else is changed.</summary>
    public const string MadeBy = "mesh.client/made-by";

    /// <summary>The label of namespaces whose pods are switched on.</summary>
    public const string Inject = "mesh.client/inject";

    public static readonly ResourceType<V1Secret> Secrets = new("", "v1", "secrets") { Trim = item => KeptMetadata.Shorten(item.Metadata) };

    public static readonly ResourceType<V1ConfigMap> ConfigMaps =
        new("", "v1", "configmaps") { Trim = item => KeptMetadata.Shorten(item.Metadata) };

    public static readonly ResourceType<V1Namespace> Namespaces = new("", "v1", "namespaces")
    {
        Trim = item =>
        {
            KeptMetadata.Shorten(item.Metadata);
            item.Metadata.Annotations = null;
        },
    };

    public static readonly ResourceType<V1MutatingWebhookConfiguration> Webhooks =
        new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations") { Trim = item => KeptMetadata.Shorten(item.Metadata) };

    public static readonly ApiResource TokenReviews = new("authentication.k8s.io", "v1", "tokenreviews", "");

    public static ApiResource In<T>(this ResourceType<T> type, string @namespace)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> => new(type.Group, type.Version, type.Plural, @namespace);

    public static bool IsOurs(V1ObjectMeta metadata) =>
        metadata.Annotations?.TryGetValue(MadeBy, out string? maker) == true && maker == Manager;

    /// <summary>Annotations that mark an object as ours, and more.</summary>
    public static Dictionary<string, string> Mark(params ReadOnlySpan<(string Key, string Value)> more)
    {
        var all = new Dictionary<string, string> { [MadeBy] = Manager };
        foreach ((string key, string value) in more)
        {
            all[key] = value;
        }

        return all;
    }
}
