using k8s.Models;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.AspNetCore;

/// <summary>The kinds that a control plane reads and writes, and how what it made is known again.</summary>
internal static class ClusterObjects
{
    /// <summary>The annotation of what a control plane made, with which one: nothing else is changed.</summary>
    public const string MadeBy = "mesh.client/made-by";

    /// <summary>The annotation of a Secret that cert-manager keeps.</summary>
    public const string CertManagers = "cert-manager.io/certificate-name";

    /// <summary>The annotations with which cert-manager is told to keep a <c>caBundle</c> begin so.</summary>
    public const string CertManagerInjects = "cert-manager.io/inject-";

    /// <summary>The label of namespaces whose pods are switched on, and of such pods.</summary>
    public const string Inject = "mesh.client/inject";

    // Written back whole: the server keeps those fields that are left out here.
    public static readonly ResourceType<V1Secret> Secrets = new("", "v1", "secrets") { Trim = item => item.Metadata.ManagedFields = null };

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

    // Of all namespaces: nothing but where they are.
    public static readonly ResourceType<V1Pod> Pods = new("", "v1", "pods")
    {
        Trim = item =>
        {
            KeptMetadata.Shorten(item.Metadata);
            (item.Metadata.Annotations, item.Metadata.Labels, item.Spec, item.Status) = (null, null, null, null);
        },
    };

    public static readonly ResourceType<V1MutatingWebhookConfiguration> Webhooks =
        new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations") { Trim = item => KeptMetadata.Shorten(item.Metadata) };

    public static readonly ApiResource TokenReviews = new("authentication.k8s.io", "v1", "tokenreviews", "");

    public static ApiResource In<T>(this ResourceType<T> type, string @namespace)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> => new(type.Group, type.Version, type.Plural, @namespace);

    /// <summary>The field manager, and the value of <see cref="MadeBy"/>, of the control plane of a namespace: there may be others.</summary>
    public static string Maker(string ns) => $"{ns}/mesh-control-plane";

    public static bool IsOurs(V1ObjectMeta metadata, string ns) =>
        metadata.Annotations?.TryGetValue(MadeBy, out string? maker) == true && maker == Maker(ns);

    /// <summary>Annotations that mark an object as that of the control plane of a namespace, and more.</summary>
    public static Dictionary<string, string> Mark(string ns, params ReadOnlySpan<(string Key, string Value)> more)
    {
        var all = new Dictionary<string, string> { [MadeBy] = Maker(ns) };
        foreach ((string key, string value) in more)
        {
            all[key] = value;
        }

        return all;
    }
}
